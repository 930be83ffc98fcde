"""What ``benchmarks.quoted_cases`` puts its files and questions together from."""

from __future__ import annotations

FIRST_NAMES = (
    "Agnes", "Bram", "Celia", "Dov", "Edda", "Falk", "Gwen", "Hollis", "Imre", "Jutta", "Kerr", "Lise", "Milo", "Nadia",
)  # fmt: skip
LAST_NAMES = ("Abney", "Brandt", "Coyle", "Dahlke", "Enright", "Farr", "Gowan", "Hesse", "Imhof", "Janda")
PLACES = (
    "Aldmoor", "Birkness", "Corrie Head", "Dunrath", "Eastholm", "Fellgate", "Garrow", "Hawkstone", "Inverlee",
    "Kelsick", "Langrigg", "Moss End", "Netherby", "Ormscar", "Penhow", "Ravenglen",
)  # fmt: skip

PROSE = {
    "dyeing.txt": (
        "How wool is dyed at the mill\n\n"
        "The wool is washed twice before it is dyed, since grease keeps the colour out. Madder gives red, weld gives "
        "yellow, and the two are never boiled in one pot. The telephone in the dye house is answered by whoever is "
        "nearest. A team of four carries the wet wool to the drying loft, and the office upstairs writes down the "
        "weight. It takes a day to walk from the mill to the upper weir, and the climb is hard in winter.\n\n"
        "The oldest recipe dates from 1811. It was found in a cupboard in the office when the floor was repaired, and "
        "nobody knows who wrote it down.\n"
    ),
    "island.md": (
        "# The island\n\n"
        "The island is small, and the ferry is its only link. Visitors come for the birds in May and for the quiet in "
        "October. A single road runs along the coast, and the last house stands at its northern end.\n\n"
        "The crossing can be rough. In the harbour lie a dozen boats, most of them for hire, and the price depends on "
        "the season. The parish hall is lent to anybody who leaves it clean.\n"
    ),
    "村史.txt": (
        "村史\n\n"
        "这个村子建于清代，村口有一棵老槐树。村里的茶室由一位老人经营，客人多半是附近的农民。"
        "游泳馆是十年前修建的，孩子们放学后常去那里。每年秋天，村民一起收茶，晚上在祠堂里吃饭。\n"
    ),
}

NOTES = (
    ("Shed padlock {0}, turn twice", "What is the code of the padlock on the shed?", "{0}"),
    ("Water is turned on by Mrs Oduya, ring {0}", "Whom do I call to have the water turned on?", "{0}"),
    ("Compost delivery: order no. {0} at Brook Farm", "Under which order number is the compost?", "{0}"),
    ("Plot rent {0} pence, due at Michaelmas", "How much is the rent of the plot?", "{0}"),
    ("Slug pellets only behind the greenhouse, box {0}", "Where are the slug pellets?", "{0}"),
    ("Bee hives inspected by Tom, permit {0}", "What permit number does Tom have for the bees?", "{0}"),
    ("Seed swap every second Saturday, hut {0}", "When is the seed swap?", "Saturday"),
)
FACTS_ZH = (
    ("无线网络密码", "longjing{0}", "茶室的无线网络密码是多少？"),
    ("垃圾清运", "每周三早上{0}分之前放到后门", "垃圾什么时候清运？"),
    ("备用钥匙", "在第{0}号花盆下面", "备用钥匙放在哪里？"),
    ("水电维修", "周师傅，电话 138{0}", "水电坏了找谁？"),
    ("包间最低消费", "{0}0元", "包间的最低消费是多少？"),
)
LISTS = (
    (
        "The following are lent with the hall:",
        (
            "forty folding chairs",
            "two trestle tables",
            "a tea urn",
            "the piano",
            "a projector",
            "coat stands",
        ),
        "What is lent together with the hall?",
    ),
    (
        "Not allowed in the hall:",
        ("open fires", "glitter", "nails in the panelling", "dogs off the leash", "amplifiers after ten"),
        "What is forbidden in the hall?",
    ),
    (
        "Before you leave:",
        ("sweep the floor", "turn off the gas", "empty the bins", "close the skylight", "hand in the key"),
        "What has to be done before leaving the hall?",
    ),
    (
        "Keys are held by",
        (
            "Miss Pettigrew at the forge",
            "the sexton",
            "Dr Amble, Rose Lane",
            "the baker",
            "the school office",
        ),
        "Who has a key to the hall?",
    ),
    (
        "Prices for an evening",
        ("members 20 pounds", "residents 35 pounds", "companies 80 pounds", "weddings 150 pounds"),
        "What are the prices for an evening?",
    ),
)
ARTICLES = (
    "Gates open at sunrise.",
    "Graves are leased for twenty years.",
    "Watering cans stand beside the chapel.",
    "Headstones may be no taller than one metre.",
    "Wreaths are cleared away after six weeks.",
    "Cyclists push their bicycles.",
    "Photographs need the consent of the family.",
    "The warden keeps a plan of all plots.",
    "Plastic flowers are not allowed.",
    "Burials take place on weekdays only.",
    "Trees are planted by the parish alone.",
    "Candles burn in closed lanterns.",
    "Benches may be donated.",
    "Water is shut off from November to March.",
    "Vehicles need a permit from the warden.",
    "Children under ten are accompanied.",
    "Disputes are settled by the council.",
    "Fees are listed at the gate.",
)
ARTICLES_ZH = (
    "入馆者须出示健康证明。",
    "泳池水温保持在二十七度。",
    "禁止在池边奔跑。",
    "儿童池水深不超过八十厘米。",
    "更衣柜当日使用当日清空。",
    "救生员每小时轮换一次。",
    "饮酒者不得入水。",
    "泳帽由个人自备。",
    "团体训练须提前预约泳道。",
    "遗失手环赔偿三十元。",
    "水质每日检测三次。",
    "雷雨天气关闭露天池。",
    "浮板用后放回原处。",
    "教练须持证上岗。",
    "拍照须经馆方同意。",
    "淋浴后方可入池。",
)
PARTS = (
    "blade for the left side",
    "drive belt, ribbed",
    "spark plug with washer",
    "grass box, canvas",
    "carburettor gasket",
    "wheel, rubber tyre",
    "throttle cable, 90 cm",
    "air filter, foam",
    "starter rope with grip",
    "handle bolt, galvanised",
)
LOG = (
    ("INFO", "scheduler", "run {0} started", ""),
    ("INFO", "backup", "finished, {0} files copied", "How many files did the backup copy?"),
    (
        "WARN",
        "disk",
        "volume /srv is {0} MB short of the limit",
        "How short of the limit is the volume /srv?",
    ),
    (
        "ERROR",
        "mailer",
        "relay refused the connection, code {0}",
        "With which code did the mail relay refuse?",
    ),
    ("INFO", "mailer", "retry queued as job {0}", "As which job was the retry of the mail queued?"),
    ("ERROR", "importer", "row {0} has no date, file skipped", "In which row was there no date?"),
    ("INFO", "indexer", "rebuilt in {0} seconds", "How long did it take to rebuild the index?"),
    ("WARN", "clock", "drift of {0} ms against the reference", "How much did the clock drift?"),
    ("ERROR", "billing", "ledger locked by process {0}", "Which process locked the ledger?"),
    ("INFO", "billing", "ledger released", "When was the ledger released?"),
    ("INFO", "cache", "evicted {0} entries", "How many entries were evicted from the cache?"),
    ("ERROR", "printer", "tray {0} jammed", "Which tray of the printer jammed?"),
    ("INFO", "scheduler", "all done", "When was the scheduler done?"),
)
DIARY = (
    ("Mended the jib and ate the last of the oranges", "jib"),
    ("Whales on the port side, three of them", "Whales"),
    ("Becalmed. Played cards until dark", "cards"),
    ("The stove failed, cold soup for everybody", "stove"),
    ("Spoke to a trawler out of Vigo", "Vigo"),
    ("Rain at last, filled both tanks", "tanks"),
    ("Lost the log line to a shark", "shark"),
    ("Sighted the lighthouse at four", "lighthouse"),
    ("Hauled down the topsail in a squall", "topsail"),
    ("Anchored behind the mole, slept twelve hours", "mole"),
    ("Bread baked in the pressure cooker", "Bread"),
)
DEFINITIONS = (
    ("Chase", "the iron frame into which the type is locked", "What is a {0}?", "iron frame"),
    ("Quoin", "a wedge that tightens the type", "What does {0} mean?", "wedge"),
    ("Tympan", "the sheet behind the paper that evens the pressure", "Explain {0}", "evens the pressure"),
    ("Em quad", "a blank piece of type as wide as it is high", "Define {0}", "as wide as it is high"),
    ("Pica", "a measure of one sixth of an inch", "What is meant by {0}?", "one sixth of an inch"),
    ("Forme", "type and blocks ready for the press", "What do printers call a {0}?", "ready for the press"),
    ("Brayer", "a hand roller that spreads ink", "What is a {0} for?", "spreads ink"),
)
SHEET = (
    ("Working pressure", "At what pressure does the press work?"),
    ("Net weight", "How heavy is the hand press?"),
    ("Largest sheet", "How large a sheet does the hand press take?"),
    ("Oil reservoir", "How much oil does the reservoir hold?"),
    ("Speed", "How fast does the press turn?"),
)
