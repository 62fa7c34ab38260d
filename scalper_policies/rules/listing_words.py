"""What a listing's title and a claim's wording say, by words that merchants know."""

DIFFERENCE_WORDS = ("补差价", "补拍", "差价链接", "运费补", "补运费", "邮费", "price difference", "freight only")

# What a claim presses with: money outside the platform, a threat of complaints, a threat of bad reviews.
PRESSURE = {
    "MONEY": (
        "转账",
        "转我",
        "私下",
        "私了",
        "不赔",
        "微信",
        "红包",
        "支付宝",
        "打钱",
        "赔我",
        "private transfer",
        "pay me directly",
    ),
    "COMPLAINT": ("12315", "投诉", "举报", "工商", "市场监管", "report you", "complain to"),
    "EXPOSURE": ("曝光", "差评", "发网上", "抖音", "小红书", "媒体", "bad review", "expose"),
}
LEAST_PRESSURE = 2


def is_difference_link(title: str) -> bool:
    """Whether a listing only collects a price difference or freight (补差价、运费)."""
    folded = title.casefold()
    return any(word in folded for word in DIFFERENCE_WORDS)


def pressure(wording: str) -> tuple[str, ...]:
    """How a claim presses, when it does so in at least two ways: an angry buyer alone names one."""
    folded = wording.casefold()
    found = tuple(name for name, words in PRESSURE.items() if any(word in folded for word in words))
    return found if len(found) >= LEAST_PRESSURE else ()
