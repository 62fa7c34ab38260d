"""Read the numbers that Chinese addresses write in words (八十八号, 二〇一室, 捌拾捌弄)."""

import re

DIGITS = {
    **dict(zip("〇零一二三四五六七八九", (0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)),
    **dict(zip("壹贰叁肆伍陆柒捌玖两幺", (1, 2, 3, 4, 5, 6, 7, 8, 9, 2, 1), strict=True)),
    **dict(zip("貳參陸兩", (2, 3, 6, 2), strict=True)),
}
SCALES = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
TENS = {"廿": 2, "卅": 3}
LETTERS = "".join((*DIGITS, *SCALES, *TENS))
# Only where a number is counted: 三里屯 keeps its name, 三号 does not.
COUNTED = (
    "号|弄|栋|幢|座|单元|室|楼|层|组|队|房|期|路|街|大道|巷|环|马路|横|支|道|门|#|-|[0-9]|村|舍|屋|坊|段|号楼|胡同|区"
)
NUMBER_IN_WORDS = re.compile(
    rf"([{LETTERS}]{{1,9}})(?={COUNTED})|(?<=[号弄栋幢座元室楼层-])([{LETTERS}]{{2,9}})(?=[|]|$)"
)


def in_digits(text: str) -> str:
    """Return the text with every counted number in digits: 中山二路八十八号 becomes 中山2路88号."""
    return NUMBER_IN_WORDS.sub(lambda found: str(value_of(found.group())), text)


def value_of(words: str) -> str:
    """Return a number written in Chinese as digits; digit by digit when it has no scale (二〇一 is 201)."""
    if not any(letter in SCALES or letter in TENS for letter in words):
        return "".join(str(DIGITS[letter]) for letter in words)
    total, current = 0, 0
    for letter in words:
        if letter in SCALES:
            total += (current or 1) * SCALES[letter]
            current = 0
        elif letter in TENS:
            total, current = total + TENS[letter] * 10, 0
        else:
            current = DIGITS[letter]
    return str(total + current)
