from __future__ import annotations

import base64
import random
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.parse.pdf.document import parse_pdf
from ingest.parse.pdf.legibility import Legibility, legibility, letter_models
from kb.errors import BadInput
from tests.ingest.raw_pdf import lines_of, raw_pdf

LETTER = """The keeper of the northern lighthouse wrote down every ship that passed the cape between dusk and dawn,
together with the height of the waves and the direction of the wind. In the winter of the great storm he counted forty
vessels in a single night, and none of them was lost, because the lamp burned without a break until the morning. When
the new company took over the coast, its clerks asked for his books, and found that he had also noted what the fishermen
paid for oil, how many panes the gulls had broken, and which of the captains had greeted him with their horn."""

LANGUAGES = {
    "Swahili": "Wanadamu wote wamezaliwa huru, hadhi na haki zao ni sawa. Wote wamejaliwa akili na dhamiri, hivyo "
    "yapasa watendeane kindugu. Kila mtu anastahili kuwa na haki zote na uhuru wote ambao umeelezwa katika Taarifa "
    "hii bila ubaguzi wowote. Kila mtu ana haki ya kuishi, kuwa huru na kulindwa nafsi yake.",
    "Vietnamese": "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền lợi. Mọi con người đều "
    "được tạo hóa ban cho lý trí và lương tâm và cần phải đối "
    "xử với nhau trong tình anh em. Ai cũng được hưởng những "
    "quyền tự do ghi trong bản Tuyên ngôn này không phân biệt đối xử vì bất cứ lý do nào, như chủng tộc, màu da.",
    "Yoruba": "Gbogbo ènìyàn ni a bí ní òmìnira; iyì àti ẹ̀tọ́ kọ̀ọ̀kan sì dọ́gba. Wọ́n ní ẹ̀bùn ti làákàyè àti ti "
    "ẹ̀rí-ọkàn, ó sì yẹ kí wọn ó máa hùwà sí ara wọn gẹ́gẹ́ bí ọmọ ìyá. Ẹnì kọ̀ọ̀kan ló ní àǹfààní sí gbogbo ẹ̀tọ́ "
    "àti òmìnira tí a ti gbé kalẹ̀ nínú ìkéde yìí láìfi ti ọ̀rọ̀ ìyàtọ̀ ẹ̀yà kankan ṣe.",
    "Mongolian": "Хүн бүр төрж мэндлэхэд эрх чөлөөтэй, адилхан нэр төртэй, ижил эрхтэй байдаг. Оюун ухаан, нандин "
    "чанар заяасан хүн гэгч өөр хоорондоо ахан дүүгийн үзэл санаагаар харьцах учиртай. Хүн бүр арьс өнгө, хүйс, хэл, "
    "шашин шүтлэг, улс төрийн буюу бусад үзэл бодол, үндэс угсаа ба нийгмийн гарал, хөрөнгө чинээ.",
    "Pashto": "د بشر ټول افراد آزاد نړۍ ته راځي او د حيثيت او حقوقو له پلوه سره برابر دي. ټول د عقل او وجدان خاوندان "
    "دي او يو له بل سره د ورورۍ په روحيه سره بايد چلند کړي. هر څوک کولای شي چې د هر راز توپير په تېره بيا د نژاد، "
    "رنګ، جنس، ژبې، مذهب، سياسي عقيدې او يا هرې بلې عقيدې په ملحوظ له ټولو حقوقو او آزاديو څخه ګټه واخلي.",
    "Yiddish": "יעדער מענטש װערט געבױרן פֿרײַ און גלײַך אין כּבֿוד "
    "און רעכט. יעדער װערט באַשאָנקן מיט פֿאַרשטאַנד און "
    "געװיסן; יעדער זאָל זיך פֿירן מיט אַ צװײטן אין אַ געמיט פֿון ברודערשאַפֿט. יעדער מענטש קען זיך פֿאַרופֿן אױף די "
    "אַלע רעכט און פֿרײַהײטן װאָס די דעקלאַראַציע פּראָקלאַמירט אָן שום אונטערשיד, למשל, לױט ראַסע, קאָליר.",
    "Thai": "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักด"
    "ิ์และสิทธิ ต่างมีเหตุผลและมโนธรรม และควรปฏิบัติต่อกัน"
    "ด้วยเจตนารมณ์แห่งภราดรภาพ ทุกคนย่อมมีสิทธิและอิสรภาพบรรดาท"
    "ี่กำหนดไว้ในปฏิญญานี้ โดยปราศจากความแตกต่างไม่ว่าชนิดใด ๆ "
    "ดังเช่น เชื้อชาติ ผิว เพศ ภาษา ศาสนา ความคิดเห็นทางการเมือง หรือทางอื่น",
    "Hindi": "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त"
    "्रता और समानता प्राप्त है। उन्हें बुद्धि और अन्तरात्मा की देन "
    "प्राप्त है और परस्पर उन्हें भाईचारे के भाव से बर्ताव करना चा"
    "हिए। सभी को इस घोषणा में सन्निहित सभी अधिकारों और आज़ादियों "
    "को प्राप्त करने का हक़ है और इस मामले में जाति, वर्ण, लिंग, भाषा, धर्म का कोई भेद नहीं।",
    "classical Chinese": "學而時習之不亦說乎有朋自遠方來不亦樂乎人不知而不慍不亦君子"
    "乎其為人也孝弟而好犯上者鮮矣不好犯上而好作亂者未之有也君子"
    "務本本立而道生孝弟也者其為仁之本與巧言令色鮮矣仁吾日三省吾身為人謀而"
    "不忠乎與朋友交而不信乎傳不習乎道千乘之國敬事而信節用而愛人使民以時弟子"
    "入則孝出則弟謹而信汎愛眾而親仁行有餘力則以學文賢賢易色事父母能竭其力"
    "事君能致其身與朋友交言而有信雖曰未學吾必謂之學矣君子不重則不威學則不固",
    "Korean": "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 "
    "동등하다. 인간은 천부적으로 이성과 양심을 부여받았으며 서로 "
    "형제애의 정신으로 행동하여야 한다. 모든 사람은 인종, 피부색, 성, 언어, "
    "종교, 정치적 또는 기타의 견해, 민족적 또는 사회적 출신, 재산, 출생 "
    "또는 기타의 신분과 같은 어떠한 종류의 차별이 없이, 이 선언에 규정된 모"
    "든 권리와 자유를 향유할 자격이 있다. 모든 사람은 생명과 신체의 자유와 "
    "안전에 대한 권리를 가진다. 어느 누구도 노예상태 또는 예속상태에 놓여지지 아니한다.",
    "phonetic": "ðə ˈnɔːθ ˈwɪnd ən ðə ˈsʌn wə dɪsˈpjuːtɪŋ ˈwɪtʃ wəz ðə ˈstrɒŋɡə wen ə ˈtrævlə keɪm əˈlɒŋ ræpt ɪn ə "
    "ˈwɔːm ˈkləʊk ðeɪ əˈɡriːd ðət ðə ˈwʌn hu ˈfɜːst səkˈsiːdɪd ɪn ˈmeɪkɪŋ ðə ˈtrævlə teɪk hɪz ˈkləʊk ɒf ʃʊd bi "
    "kənˈsɪdəd ˈstrɒŋɡə ðən ði ˈʌðə ðen ðə ˈnɔːθ wɪnd ˈbluː əz ˈhɑːd əz i ˈkʊd bət ðə ˈmɔː hi ˈbluː",
}
"""Of languages with a model in chardet and without; most are the first articles of the Declaration of Human Rights."""

_DRAWN = random.Random(7)
NO_LANGUAGE = {
    "chess": "1. e4 e5 2. Nf3 Nc6 3. Bb5 a6 4. Ba4 Nf6 5. O-O Be7 6. "
    "Re1 b5 7. Bb3 d6 8. c3 O-O 9. h3 Nb8 10. d4 Nbd7 "
    "11. c4 c6 12. cxb5 axb5 13. Nc3 Bb7 14. Bg5 b4 15. Nb1 h6 16. Bh4 c5 17. dxe5 Nxe4 18. Bxe7 Qxe7 19. exd6 Qf6 "
    "20. Nbd2 Nxd6 21. Nc4 Nxc4 22. Bxc4 Nb6 23. Ne5 Rae8 24. Bxf7+ Rxf7 25. Nxf7 Rxe1+ 26. Qxe1 Kxf7 27. Qe3 Qg5",
    "instructions": "mov eax, [ebp+8]\npush ebx\nxor ecx, ecx\nloop: cmp "
    "byte [eax+ecx], 0\nje done\ninc ecx\njmp loop\n"
    "done: lea edx, [eax+ecx*4]\nmovzx esi, word ptr [edx]\nshl "
    "esi, 2\nadd edi, esi\npop ebx\nret\nvmovaps ymm0, [rsi]\n"
    "vfmadd231ps ymm1, ymm0, ymm2\nsub rsp, 40h\ncall qword ptr [rax]\ntest al, al\njnz short loc_401000\nnop\n",
    "formulas": "∑ᵢ xᵢ² + ∫ f(x) dx = α β γ − δ(ε) ≤ ∂u/∂t = κ∇²u + q, ∀x ∈ ℝⁿ ∃y: ‖x − y‖ < ε ⇒ |f(x) − f(y)| < δ. "
    "A = UΣVᵀ, det(A − λI) = 0, λ₁ ≥ λ₂ ≥ … ≥ λₙ ≥ 0; xₖ₊₁ = xₖ − f(xₖ)/f′(xₖ); P(A|B) = P(B|A) P(A)/P(B); E[X] = μ, "
    "Var[X] = σ², X ~ N(μ, σ²); a² + b² = c²; e^{iπ} + 1 = 0; lim_{n→∞} (1 + 1/n)ⁿ = e; ∇·E = ρ/ε₀, ∇×B = μ₀J",
    "key": "\n".join(
        textwrap.wrap(base64.b64encode(bytes(_DRAWN.randrange(256) for _ in range(600))).decode(), 64)
    ),
    "gene": "\n".join("".join(_DRAWN.choice("ACGT") for _ in range(60)) for _ in range(10)),
    "parts": "\n".join(
        f"{_DRAWN.choice(['RES', 'CAP', 'IC', 'CONN'])}-{_DRAWN.randrange(9999):04}-{_DRAWN.choice('KRX')} "
        f"{_DRAWN.choice(['0402', 'SOT23'])} {_DRAWN.randrange(90)} pcs"
        for _ in range(50)
    ),
    "figures": "\n".join(
        " ".join(f"{_DRAWN.uniform(-999, 9999):,.2f}" for _ in range(6)) + f" Q{row % 4 + 1}"
        for row in range(40)
    ),
}


def shifted(text: str) -> str:
    """What Identity-H shows of most TrueType fonts: their glyphs stand 29 places before ASCII."""
    return "".join(chr(ord(char) - 29) if ord(char) > 61 else char for char in text)


def exchanged(text: str) -> str:
    """Each letter under another's name, as subset fonts with a false map to Unicode have it."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    table = dict(zip(letters, random.Random(3).sample(letters, 26), strict=True))
    return "".join(table.get(char, char) for char in text.lower())


def numbered(text: str) -> str:
    """Each character by the number of its first use, as programs that number a subset's glyphs have it."""
    codes: dict[str, str] = {}
    return "".join(
        char if char.isspace() else codes.setdefault(char, chr(0x21 + len(codes))) for char in text
    )


def private(text: str) -> str:
    return "".join(char if char.isspace() else chr(0xE000 + ord(char)) for char in text)


def han(text: str) -> str:
    """What a CJK font shows whose glyphs' numbers are taken for characters."""
    drawn = random.Random(5)
    codes: dict[str, str] = {}
    return "".join(
        char if char.isspace() else codes.setdefault(char, chr(drawn.randrange(0x4E00, 0x9FA5)))
        for char in text
    )


@pytest.mark.parametrize("spoil", [shifted, exchanged, numbered, private, han])
def test_text_in_other_letters_is_told_from_a_language(spoil: Callable[[str], str]) -> None:
    assert legibility(LETTER, guessed=0.0) is Legibility.READABLE
    assert legibility(spoil(LETTER), guessed=0.0) is Legibility.ILLEGIBLE


@pytest.mark.parametrize("spoil", [str.upper, exchanged, shifted])
def test_other_languages_are_told_as_well(spoil: Callable[[str], str]) -> None:
    text = (
        "Der Wärter des nördlichen Leuchtturms schrieb jedes Schiff auf, das zwischen Abend und Morgen am Kap "
        "vorüberfuhr, dazu die Höhe der Wellen und die Richtung des Windes. Im Winter des großen Sturms zählte er "
        "vierzig Schiffe in einer einzigen Nacht, und keines ging "
        "verloren, weil die Lampe ohne Pause brannte, bis es "
        "hell wurde und die Fischer wieder hinausfahren konnten, obwohl niemand von ihnen daran geglaubt hatte."
    )
    expected = Legibility.READABLE if spoil is str.upper else Legibility.ILLEGIBLE
    assert legibility(spoil(text), guessed=0.0) is expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_is_never_taken_for_letters_of_a_broken_font(language: str) -> None:
    assert legibility(LANGUAGES[language], guessed=0.0) is Legibility.READABLE


@pytest.mark.parametrize("kind", NO_LANGUAGE)
def test_what_is_no_running_text_stays(kind: str) -> None:
    assert legibility(NO_LANGUAGE[kind], guessed=0.0) is Legibility.READABLE


def test_a_language_is_kept_where_the_file_names_no_characters() -> None:
    assert legibility(LETTER, guessed=1.0) is Legibility.READABLE
    assert legibility(NO_LANGUAGE["chess"], guessed=1.0) is Legibility.DOUBTFUL


def _page(text: str) -> bytes:
    return lines_of([line.encode("ascii", "replace") for line in text.splitlines()])


def test_a_document_whose_letters_are_no_language_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = raw_pdf(tmp_path / "a.pdf", [_page(exchanged(LETTER)), _page(shifted(LETTER))])
    with pytest.raises(
        BadInput, match=r"a\.pdf holds text whose letters are no language.*ocrmypdf --force-ocr"
    ):
        parse_pdf(path, path.name)


def test_pages_that_read_well_stay_and_the_others_are_named(tmp_path: Path) -> None:
    path = raw_pdf(tmp_path / "a.pdf", [_page(LETTER), _page(exchanged(LETTER)), _page(LETTER.upper())])
    document = parse_pdf(path, path.name)
    assert "northern lighthouse" in document.text
    assert "NORTHERN LIGHTHOUSE" in document.text
    assert exchanged("lighthouse") not in document.text
    (warning,) = document.warnings
    assert warning.startswith("Page 2 is left out, since the letters there are no language")


def test_codes_in_a_font_without_names_stay_where_the_document_reads_well(tmp_path: Path) -> None:
    names = "/".join(f"g{code}" for code in range(33, 127))
    font = (
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/FirstChar 33/LastChar 126/Encoding"
        f"<</Type/Encoding/Differences[33/{names}]>>/Widths[{'500 ' * 94}]>>"
    )
    chess = _page(textwrap.fill(NO_LANGUAGE["chess"], 80))
    read = raw_pdf(tmp_path / "a.pdf", [_page(LETTER), chess], fonts={"F1": font})
    assert "Nbd7" in parse_pdf(read, read.name).text
    alone = raw_pdf(tmp_path / "b.pdf", [chess], fonts={"F1": font})
    with pytest.raises(BadInput, match="no language"):
        parse_pdf(alone, alone.name)


def test_a_page_that_its_vowels_tell_reads_no_models_of_letters() -> None:
    """A process of its own reads each document, and would read them anew: a quarter of a second."""
    letter_models.cache_clear()
    assert legibility(LETTER, guessed=1.0) is Legibility.READABLE
    assert legibility(LANGUAGES["Mongolian"], guessed=1.0) is Legibility.READABLE
    assert letter_models.cache_info().misses == 0
