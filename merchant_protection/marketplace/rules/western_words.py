"""The words of Western addresses and the short form each is matched by."""

STREET_WORDS = {
    "st": "street str",
    "rd": "road",
    "ave": "avenue av aven avenu",
    "ln": "lane",
    "dr": "drive drv",
    "ct": "court crt",
    "pl": "place",
    "blvd": "boulevard boul",
    "sq": "square",
    "ter": "terrace terr",
    "cl": "close",
    "cres": "crescent cresc",
    "hwy": "highway",
    "pkwy": "parkway pky",
    "gdns": "gardens gdn garden",
    "way": "wy",
    "cir": "circle circ",
    "trl": "trail",
    "mews": "mws",
    "row": "",
    "hill": "hl",
    "grove": "gr grv",
    "walk": "wlk",
}
DIRECTIONS = {
    "n": "north",
    "s": "south",
    "e": "east",
    "w": "west",
    "ne": "northeast",
    "nw": "northwest",
    "se": "southeast",
    "sw": "southwest",
}
ONES = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
)
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
ORDINALS = {
    "first": "1st",
    "second": "2nd",
    "third": "3rd",
    "fourth": "4th",
    "fifth": "5th",
    "sixth": "6th",
    "seventh": "7th",
    "eighth": "8th",
    "ninth": "9th",
    "tenth": "10th",
}
STATE_NAMES = {
    "al ak az ar ca co ct": "alabama|alaska|arizona|arkansas|california|colorado|connecticut",
    "de fl ga hi id il in": "delaware|florida|georgia|hawaii|idaho|illinois|indiana",
    "ia ks ky la me md ma": "iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts",
    "mi mn ms mo mt ne nv": "michigan|minnesota|mississippi|missouri|montana|nebraska|nevada",
    "nh nj nm ny nc nd oh": "new hampshire|new jersey|new mexico|new york state|north carolina|north dakota|ohio",
    "ok or pa ri sc sd tn": "oklahoma|oregon|pennsylvania|rhode island|south carolina|south dakota|tennessee",
    "tx ut vt va wi wy": "texas|utah|vermont|virginia|wisconsin|wyoming",
}
CITY_NAMES = (
    "london manchester birmingham leeds glasgow edinburgh liverpool bristol sheffield cardiff belfast nottingham"
    " leicester newcastle southampton portsmouth brighton oxford cambridge york bath chicago houston phoenix"
    " philadelphia dallas austin seattle denver boston portland detroit memphis baltimore milwaukee atlanta miami"
    " cleveland oakland tampa minneapolis toronto montreal vancouver sydney melbourne dublin paris berlin"
)

NUMBER_WORDS = {
    **{word: str(number) for number, word in enumerate(ONES.split(), 1)},
    **{word: str(number * 10) for number, word in enumerate(TENS.split(), 2)},
}
STATES = {
    name: short
    for shorts, names in STATE_NAMES.items()
    for short, name in zip(shorts.split(), names.split("|"), strict=True)
}
BIG_CITIES = frozenset(CITY_NAMES.split())
WORD_OF = {
    **{name: short for short, names in STREET_WORDS.items() for name in (short, *names.split())},
    **{name: short for short, name in DIRECTIONS.items()},
    **{short: short for short in DIRECTIONS},
    "saint": "st",
    "mount": "mt",
    "fort": "ft",
    **ORDINALS,
}
