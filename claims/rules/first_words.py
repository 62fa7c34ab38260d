"""The names and words a new desk starts with, in both languages; operations edit them from there."""

# code: (English, Chinese, hint in English, hint in Chinese)
KIND_NAMES: dict[str, tuple[str, str, str, str]] = {
    "EXTORTION": (
        "Extortion",
        "敲诈勒索",
        "The buyer demands money privately, or threatens to complain.",
        "买家私下要钱，或以投诉相威胁。",
    ),
    "MALICIOUS_REFUND_ONLY": (
        "Malicious refund without return",
        "恶意仅退款",
        "The goods are fine, but the buyer wants the money and keeps them.",
        "商品没有问题，买家却只要退款、不退货。",
    ),
    "FALSE_QUALITY_CLAIM": (
        "False quality complaint",
        "虚假质量问题",
        "The fault that the buyer names does not exist, or was made by them.",
        "买家所说的质量问题不存在，或由买家自己造成。",
    ),
    "SWAPPED_OR_EMPTY_RETURN": (
        "Swapped or empty return",
        "调包或空包退货",
        "What came back is something else, used, broken, or nothing.",
        "退回来的不是原物、已使用、已损坏，或是空包。",
    ),
    "RETURN_NOT_RECEIVED": (
        "Return never arrived",
        "退货未收到",
        "The money was refunded, but the return has not arrived.",
        "款已退，货没有退回来。",
    ),
    "FAKE_RETURN_LOGISTICS": (
        "Faked return tracking",
        "虚假退货物流",
        "The tracking number belongs to another parcel or was never used.",
        "退货单号属于别的包裹，或从未揽收。",
    ),
    "PROFESSIONAL_CLAIMER": (
        "Professional claimer",
        "职业索赔",
        "The buyer orders in order to claim damages, in many shops.",
        "买家为索赔而下单，涉及多家店铺。",
    ),
    "REVIEW_BLACKMAIL": (
        "Review used as a threat, or abusive",
        "差评要挟或恶意评价",
        "A bad review is threatened or posted to obtain something.",
        "以差评要挟好处，或恶意发布评价。",
    ),
    "FALSE_NON_RECEIPT": (
        "Falsely reported as not received",
        "虚假未收到货",
        "The parcel was delivered, the buyer says it was not.",
        "包裹已签收，买家却称没有收到。",
    ),
    "ABNORMAL_ORDER": (
        "Abnormal order",
        "异常订单",
        "Wrong data, a competitor, or hoarding.",
        "信息虚假、同行下单或囤货。",
    ),
    "MALICIOUS_RULE_COMPLAINT": (
        "Malicious complaint about rules",
        "恶意违规投诉",
        "A complaint against your shop that misuses the platform's rules.",
        "滥用平台规则对店铺发起的投诉。",
    ),
}

# code: (side, English, Chinese, text, text in Chinese, clause, clause in Chinese, basis, basis in Chinese, kinds)
REASONS: tuple[tuple[str, str, str, str, str, str, str, str, str, str, tuple[str, ...]], ...] = (
    (
        "DEMAND_PROVEN",
        "UPHOLD",
        "The demand is proven",
        "索要事实成立",
        "The records show that money or an advantage was demanded under threat of a complaint or a bad review.",
        "记录显示，对方以投诉或差评相要挟，索要钱款或好处。",
        "Rules on malicious claims, article 3: demands under threat",
        "《恶意索赔处理规则》第三条：以要挟方式索要",
        "Civil Code, article 7 (good faith)",
        "《民法典》第七条（诚信原则）",
        ("EXTORTION", "REVIEW_BLACKMAIL", "PROFESSIONAL_CLAIMER"),
    ),
    (
        "GOODS_AS_DESCRIBED",
        "UPHOLD",
        "The goods were as described",
        "商品与描述相符",
        "The evidence shows that the goods were sent complete and as described.",
        "证据显示，商品完整发出，且与描述相符。",
        "Rules on malicious claims, article 4: claims without a fault",
        "《恶意索赔处理规则》第四条：无过错索赔",
        "Consumer Protection Law, article 24",
        "《消费者权益保护法》第二十四条",
        (),
    ),
    (
        "RETURN_NOT_THE_GOODS",
        "UPHOLD",
        "What came back is not what was sent",
        "退回的不是原物",
        "The return differs from what was sent in weight, serial number or contents.",
        "退回的包裹在重量、序列号或内容上与发出的不符。",
        "Rules on returns, article 6: the return must be the goods",
        "《退货规则》第六条：退货须为原物",
        "Civil Code, article 509",
        "《民法典》第五百零九条",
        ("SWAPPED_OR_EMPTY_RETURN", "FAKE_RETURN_LOGISTICS", "RETURN_NOT_RECEIVED"),
    ),
    (
        "DELIVERY_PROVEN",
        "UPHOLD",
        "Delivery is proven",
        "签收事实成立",
        "The carrier's record shows that the parcel was delivered to the address of the order.",
        "承运商记录显示，包裹已送达订单地址并签收。",
        "Rules on delivery, article 2: the carrier's record counts",
        "《物流规则》第二条：以承运记录为准",
        "E-Commerce Law, article 20",
        "《电子商务法》第二十条",
        ("FALSE_NON_RECEIPT",),
    ),
    (
        "PATTERN_OF_ABUSE",
        "UPHOLD",
        "A pattern of abuse",
        "存在滥用行为模式",
        "The account's orders and claims show a pattern that is not that of a consumer.",
        "该账号的下单与索赔记录呈现出非正常消费的模式。",
        "Rules on malicious claims, article 5: abnormal use",
        "《恶意索赔处理规则》第五条：异常使用",
        "E-Commerce Law, article 83",
        "《电子商务法》第八十三条",
        ("ABNORMAL_ORDER", "PROFESSIONAL_CLAIMER", "MALICIOUS_REFUND_ONLY", "MALICIOUS_RULE_COMPLAINT"),
    ),
    (
        "WARNED_BEFORE",
        "UPHOLD",
        "Warned of before the complaint",
        "投诉前已有预警",
        "The order was warned of before the complaint, and the evidence asked for is complete.",
        "该订单在投诉前已触发风险预警，且要求的证据齐全。",
        "Rules on malicious claims, article 9: fast track",
        "《恶意索赔处理规则》第九条：快速通道",
        "E-Commerce Law, article 83",
        "《电子商务法》第八十三条",
        (),
    ),
    (
        "DEADLINE_PASSED",
        "UPHOLD",
        "Not decided in time",
        "平台未在时限内裁定",
        "The evidence asked for was complete and the desk did not decide within the promised time.",
        "要求的证据齐全，平台未在承诺时限内作出裁定。",
        "Rules on malicious claims, article 10: deadline passed",
        "《恶意索赔处理规则》第十条：超时处理",
        "",
        "",
        (),
    ),
    (
        "EVIDENCE_TOO_THIN",
        "REJECT",
        "The evidence does not show it",
        "证据不足",
        "What was provided does not show what the complaint says. New evidence can be brought on appeal.",
        "已提交的材料不能证明投诉所述事实。可在申诉时补充新证据。",
        "Rules on malicious claims, article 7: burden of proof",
        "《恶意索赔处理规则》第七条：举证责任",
        "SAMR Order 116, article 12",
        "市场监管总局令第 116 号第十二条",
        (),
    ),
    (
        "BUYER_WITHIN_RIGHTS",
        "REJECT",
        "The buyer was within their rights",
        "买家属正当维权",
        "What the buyer asked for is what the law or the shop's own promise gives them.",
        "买家的主张属于法律规定或店铺承诺范围内的权利。",
        "Rules on malicious claims, article 8: rights of consumers",
        "《恶意索赔处理规则》第八条：消费者权利",
        "Consumer Protection Law, articles 24 and 25",
        "《消费者权益保护法》第二十四、二十五条",
        (),
    ),
    (
        "NOT_THIS_KIND",
        "REJECT",
        "Another procedure is the right one",
        "不属于本类投诉",
        "What happened belongs to another procedure; you can file it there.",
        "所述情况应通过其他渠道处理，可另行提交。",
        "Rules on malicious claims, article 2: scope",
        "《恶意索赔处理规则》第二条：适用范围",
        "",
        "",
        (),
    ),
    (
        "PARTLY_PROVEN",
        "EITHER",
        "Proven for some of the lines",
        "部分成立",
        "The evidence shows it for some of the goods and not for the others, as listed.",
        "证据能够证明其中一部分商品，其余不能证明，详见各行。",
        "Rules on malicious claims, article 7: burden of proof",
        "《恶意索赔处理规则》第七条：举证责任",
        "SAMR Order 116, article 12",
        "市场监管总局令第 116 号第十二条",
        (),
    ),
)

# code: (purpose, title, title in Chinese, body, body in Chinese)
TEXTS: tuple[tuple[str, str, str, str, str, str], ...] = (
    (
        "ASK_WHOLE_CHAT",
        "ASK",
        "The whole chat, please",
        "请补充完整聊天记录",
        "Please add the whole chat with the buyer about this order, from the first to the last message.",
        "请补充与买家就该订单的完整聊天记录，从第一条到最后一条。",
    ),
    (
        "ASK_UNBOXING",
        "ASK",
        "Unboxing video in one take",
        "请补充一镜到底开箱视频",
        "Please add the video of opening the return, without a cut, with the label readable at the start.",
        "请补充拆开退货包裹的视频，一镜到底，开头须能看清面单。",
    ),
    (
        "ASK_CARRIER",
        "ASK",
        "The carrier's record",
        "请补充承运商记录",
        "Please add the carrier's record or written answer for the tracking number.",
        "请补充承运商就该运单号的记录或书面答复。",
    ),
    (
        "UPDATE_LOOKING",
        "UPDATE",
        "We are looking at it",
        "正在核实",
        "We have your evidence and are checking it. You will hear from us by the date shown on the case.",
        "证据已收到，正在核实。我们会在案件页面显示的时间之前答复你。",
    ),
    (
        "NOTE_SEEN_ALL",
        "NOTE",
        "All evidence was looked at",
        "已逐项核对证据",
        "We looked at every piece of evidence; the reasons above rest on it.",
        "我们逐项核对了全部证据，上述理由即以此为据。",
    ),
)

# code, English, Chinese, takes what no rule takes
QUEUES: tuple[tuple[str, str, str, bool], ...] = (
    ("GENERAL", "General", "综合", True),
    ("EXTORTION", "Extortion and reviews", "敲诈与评价", False),
    ("RETURNS", "Returns", "退货", False),
    ("HIGH_VALUE", "High value", "高金额", False),
)

# name, queue, kinds, amount from, skills, priority; in this order
ROUTES: tuple[tuple[str, str, tuple[str, ...], int | None, tuple[str, ...], str], ...] = (
    ("high value", "HIGH_VALUE", (), 5000, (), "HIGH"),
    ("extortion", "EXTORTION", ("EXTORTION", "REVIEW_BLACKMAIL", "PROFESSIONAL_CLAIMER"), None, (), "HIGH"),
    (
        "returns",
        "RETURNS",
        ("SWAPPED_OR_EMPTY_RETURN", "RETURN_NOT_RECEIVED", "FAKE_RETURN_LOGISTICS"),
        None,
        (),
        "NORMAL",
    ),
)

# Minutes of working time: a day of the desk has 480.
NORMAL_PROMISES = (("FIRST_RESPONSE", 240), ("NEXT_UPDATE", 960), ("RESOLUTION", 1440))
HIGH_PROMISES = (("FIRST_RESPONSE", 120), ("NEXT_UPDATE", 480), ("RESOLUTION", 960))
STEPS = ((1, "OWNER", -60), (2, "LEAD", 0), (3, "HEAD", 240))
WARNINGS = (50, 75, 90)

# Which warning makes which kind of claim clear enough for the fast track.
CLEAR = {
    "EXTORTION": ["EXTORTION"],
    "REVIEW_BLACKMAIL": ["EXTORTION"],
    "MALICIOUS_REFUND_ONLY": ["EXTORTION", "MALICIOUS_AFTER_SALE"],
    "ABNORMAL_ORDER": ["HOARDING", "SCALPER_ON_HOT_SKU"],
}
