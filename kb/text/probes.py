"""The same eight questions about nothing in particular in each language that is told apart.

What their vectors have in common is the language, and their words are those that all questions share. Eight did as
well as the mean of 612 real questions; one did half as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# ruff: noqa: E501
_BY_LANGUAGE = """
en: What is this? | Why is it so? | Who did it? | When did it happen? | Where is it? | How many are there? | How is it done? | What is it for?
zh: 这是什么？ | 为什么会这样？ | 是谁做的？ | 什么时候发生的？ | 在哪里？ | 有多少？ | 怎么做？ | 它的作用是什么？
ja: これは何ですか？ | なぜそうなるのですか？ | 誰がしたのですか？ | いつ起こりましたか？ | どこにありますか？ | いくつありますか？ | どうやってするのですか？ | 何のためのものですか？
ko: 이것은 무엇입니까? | 왜 그렇습니까? | 누가 했습니까? | 언제 일어났습니까? | 어디에 있습니까? | 몇 개나 있습니까? | 어떻게 합니까? | 무엇을 위한 것입니까?
th: นี่คืออะไร | ทำไมถึงเป็นอย่างนั้น | ใครเป็นคนทำ | เกิดขึ้นเมื่อไร | อยู่ที่ไหน | มีกี่อัน | ทำอย่างไร | มีไว้เพื่ออะไร
ar: ما هذا؟ | لماذا هو كذلك؟ | من فعل ذلك؟ | متى حدث ذلك؟ | أين هو؟ | كم عددها؟ | كيف يتم ذلك؟ | ما الغرض منه؟
ru: Что это? | Почему это так? | Кто это сделал? | Когда это произошло? | Где это находится? | Сколько их? | Как это делается? | Для чего это нужно?
el: Τι είναι αυτό; | Γιατί είναι έτσι; | Ποιος το έκανε; | Πότε συνέβη; | Πού είναι; | Πόσα υπάρχουν; | Πώς γίνεται; | Σε τι χρησιμεύει;
he: מה זה? | למה זה כך? | מי עשה את זה? | מתי זה קרה? | איפה זה? | כמה יש? | איך עושים את זה? | בשביל מה זה?
hi: यह क्या है? | ऐसा क्यों है? | यह किसने किया? | यह कब हुआ? | यह कहाँ है? | कितने हैं? | यह कैसे किया जाता है? | यह किस लिए है?
de: Was ist das? | Warum ist das so? | Wer hat das getan? | Wann ist das geschehen? | Wo ist das? | Wie viele gibt es? | Wie macht man das? | Wofür ist das?
es: ¿Qué es esto? | ¿Por qué es así? | ¿Quién lo hizo? | ¿Cuándo ocurrió? | ¿Dónde está? | ¿Cuántos hay? | ¿Cómo se hace? | ¿Para qué sirve?
fr: Qu'est-ce que c'est ? | Pourquoi est-ce ainsi ? | Qui l'a fait ? | Quand cela s'est-il produit ? | Où est-ce ? | Combien y en a-t-il ? | Comment cela se fait-il ? | À quoi cela sert-il ?
it: Che cos'è questo? | Perché è così? | Chi l'ha fatto? | Quando è successo? | Dove si trova? | Quanti ce ne sono? | Come si fa? | A che cosa serve?
pt: O que é isto? | Por que é assim? | Quem fez isso? | Quando isso aconteceu? | Onde fica? | Quantos existem? | Como se faz isso? | Para que serve?
ca: Què és això? | Per què és així? | Qui ho va fer? | Quan va passar? | On és? | Quants n'hi ha? | Com es fa? | Per a què serveix?
ro: Ce este aceasta? | De ce este așa? | Cine a făcut asta? | Când s-a întâmplat? | Unde se află? | Câte sunt? | Cum se face? | La ce folosește?
nl: Wat is dit? | Waarom is dat zo? | Wie heeft het gedaan? | Wanneer is het gebeurd? | Waar is het? | Hoeveel zijn er? | Hoe doe je dat? | Waar is het voor?
sv: Vad är det här? | Varför är det så? | Vem gjorde det? | När hände det? | Var är det? | Hur många finns det? | Hur gör man det? | Vad är det till för?
da: Hvad er det her? | Hvorfor er det sådan? | Hvem gjorde det? | Hvornår skete det? | Hvor er det? | Hvor mange er der? | Hvordan gør man det? | Hvad er det til?
no: Hva er dette? | Hvorfor er det slik? | Hvem gjorde det? | Når skjedde det? | Hvor er det? | Hvor mange finnes det? | Hvordan gjør man det? | Hva er det til?
is: Hvað er þetta? | Hvers vegna er það svona? | Hver gerði þetta? | Hvenær gerðist það? | Hvar er það? | Hversu mörg eru þau? | Hvernig er það gert? | Til hvers er það?
fi: Mikä tämä on? | Miksi näin on? | Kuka sen teki? | Milloin se tapahtui? | Missä se on? | Kuinka monta niitä on? | Miten se tehdään? | Mitä varten se on?
et: Mis see on? | Miks see nii on? | Kes seda tegi? | Millal see juhtus? | Kus see on? | Kui palju neid on? | Kuidas seda tehakse? | Milleks see on?
hu: Mi ez? | Miért van ez így? | Ki csinálta? | Mikor történt? | Hol van? | Hány van belőle? | Hogyan kell csinálni? | Mire való?
pl: Co to jest? | Dlaczego tak jest? | Kto to zrobił? | Kiedy to się stało? | Gdzie to jest? | Ile ich jest? | Jak się to robi? | Do czego to służy?
cs: Co to je? | Proč je to tak? | Kdo to udělal? | Kdy se to stalo? | Kde to je? | Kolik jich je? | Jak se to dělá? | K čemu to slouží?
sk: Čo to je? | Prečo je to tak? | Kto to urobil? | Kedy sa to stalo? | Kde to je? | Koľko ich je? | Ako sa to robí? | Na čo to slúži?
sl: Kaj je to? | Zakaj je tako? | Kdo je to naredil? | Kdaj se je to zgodilo? | Kje je to? | Koliko jih je? | Kako se to naredi? | Čemu to služi?
hr: Što je ovo? | Zašto je tako? | Tko je to učinio? | Kada se to dogodilo? | Gdje je to? | Koliko ih ima? | Kako se to radi? | Čemu to služi?
sr: Шта је ово? | Зашто је тако? | Ко је то урадио? | Када се то догодило? | Где је то? | Колико их има? | Како се то ради? | Чему то служи?
mk: Што е ова? | Зошто е така? | Кој го направи тоа? | Кога се случи? | Каде е? | Колку ги има? | Како се прави? | За што служи?
bg: Какво е това? | Защо е така? | Кой го направи? | Кога се случи? | Къде е? | Колко са? | Как се прави? | За какво служи?
uk: Що це? | Чому це так? | Хто це зробив? | Коли це сталося? | Де це знаходиться? | Скільки їх? | Як це робиться? | Для чого це потрібно?
lt: Kas tai? | Kodėl taip yra? | Kas tai padarė? | Kada tai įvyko? | Kur tai yra? | Kiek jų yra? | Kaip tai daroma? | Kam tai skirta?
lv: Kas tas ir? | Kāpēc tā ir? | Kas to izdarīja? | Kad tas notika? | Kur tas ir? | Cik to ir? | Kā to dara? | Kam tas paredzēts?
sq: Çfarë është kjo? | Pse është kështu? | Kush e bëri? | Kur ndodhi? | Ku është? | Sa ka? | Si bëhet? | Për çfarë shërben?
tr: Bu nedir? | Neden böyle? | Bunu kim yaptı? | Ne zaman oldu? | Nerede? | Kaç tane var? | Nasıl yapılır? | Ne işe yarar?
id: Apa ini? | Mengapa demikian? | Siapa yang melakukannya? | Kapan itu terjadi? | Di mana letaknya? | Ada berapa banyak? | Bagaimana cara melakukannya? | Untuk apa ini?
vi: Đây là gì? | Tại sao lại như vậy? | Ai đã làm việc đó? | Việc đó xảy ra khi nào? | Nó ở đâu? | Có bao nhiêu? | Làm việc đó như thế nào? | Nó dùng để làm gì?
sw: Hii ni nini? | Kwa nini ni hivyo? | Nani alifanya hivyo? | Ilitokea lini? | Iko wapi? | Ziko ngapi? | Inafanywaje? | Ni ya nini?
fa: این چیست؟ | چرا این‌طور است؟ | چه کسی این کار را کرد؟ | چه زمانی اتفاق افتاد؟ | کجاست؟ | چند تا هست؟ | چگونه انجام می‌شود؟ | برای چیست؟
ur: یہ کیا ہے؟ | ایسا کیوں ہے؟ | یہ کس نے کیا؟ | یہ کب ہوا؟ | یہ کہاں ہے؟ | کتنے ہیں؟ | یہ کیسے کیا جاتا ہے؟ | یہ کس لیے ہے؟
mr: हे काय आहे? | असे का आहे? | हे कोणी केले? | हे कधी घडले? | हे कुठे आहे? | किती आहेत? | हे कसे केले जाते? | हे कशासाठी आहे?
ne: यो के हो? | यस्तो किन छ? | यो कसले गर्‍यो? | यो कहिले भयो? | यो कहाँ छ? | कति वटा छन्? | यो कसरी गरिन्छ? | यो के को लागि हो?
bn: এটি কী? | এমন কেন? | এটি কে করেছে? | এটি কখন ঘটেছিল? | এটি কোথায়? | কতগুলি আছে? | এটি কীভাবে করা হয়? | এটি কীসের জন্য?
pa: ਇਹ ਕੀ ਹੈ? | ਇਹ ਇਸ ਤਰ੍ਹਾਂ ਕਿਉਂ ਹੈ? | ਇਹ ਕਿਸ ਨੇ ਕੀਤਾ? | ਇਹ ਕਦੋਂ ਹੋਇਆ? | ਇਹ ਕਿੱਥੇ ਹੈ? | ਕਿੰਨੇ ਹਨ? | ਇਹ ਕਿਵੇਂ ਕੀਤਾ ਜਾਂਦਾ ਹੈ? | ਇਹ ਕਿਸ ਲਈ ਹੈ?
gu: આ શું છે? | આવું કેમ છે? | આ કોણે કર્યું? | આ ક્યારે થયું? | તે ક્યાં છે? | કેટલા છે? | આ કેવી રીતે થાય છે? | આ શેના માટે છે?
ta: இது என்ன? | ஏன் இப்படி? | இதை யார் செய்தார்? | இது எப்போது நடந்தது? | இது எங்கே உள்ளது? | எத்தனை உள்ளன? | இது எப்படி செய்யப்படுகிறது? | இது எதற்காக?
te: ఇది ఏమిటి? | ఇలా ఎందుకు ఉంది? | దీన్ని ఎవరు చేశారు? | ఇది ఎప్పుడు జరిగింది? | ఇది ఎక్కడ ఉంది? | ఎన్ని ఉన్నాయి? | ఇది ఎలా చేస్తారు? | ఇది దేని కోసం?
kn: ಇದು ಏನು? | ಹೀಗೇಕೆ? | ಇದನ್ನು ಯಾರು ಮಾಡಿದರು? | ಇದು ಯಾವಾಗ ಸಂಭವಿಸಿತು? | ಇದು ಎಲ್ಲಿದೆ? | ಎಷ್ಟು ಇವೆ? | ಇದನ್ನು ಹೇಗೆ ಮಾಡಲಾಗುತ್ತದೆ? | ಇದು ಯಾವುದಕ್ಕಾಗಿ?
ml: ഇത് എന്താണ്? | എന്തുകൊണ്ടാണ് ഇങ്ങനെ? | ഇത് ആരാണ് ചെയ്തത്? | ഇത് എപ്പോഴാണ് സംഭവിച്ചത്? | ഇത് എവിടെയാണ്? | എത്ര എണ്ണം ഉണ്ട്? | ഇത് എങ്ങനെയാണ് ചെയ്യുന്നത്? | ഇത് എന്തിനുവേണ്ടിയാണ്?
si: මේ මොකක්ද? | ඇයි එහෙම? | කවුද ඒක කළේ? | ඒක සිදු වුණේ කවදාද? | ඒක කොහෙද තියෙන්නේ? | කීයක් තියෙනවාද? | ඒක කරන්නේ කොහොමද? | ඒක මොකටද?
my: ဒါက ဘာလဲ။ | ဘာကြောင့် ဒီလိုဖြစ်တာလဲ။ | ဘယ်သူ လုပ်ခဲ့တာလဲ။ | ဘယ်အချိန်က ဖြစ်ခဲ့တာလဲ။ | ဘယ်မှာ ရှိလဲ။ | ဘယ်နှစ်ခု ရှိလဲ။ | ဘယ်လို လုပ်ရလဲ။ | ဘာအတွက်လဲ။
km: នេះជាអ្វី? | ហេតុអ្វីបានជាដូច្នេះ? | នរណាជាអ្នកធ្វើវា? | វាកើតឡើងនៅពេលណា? | វានៅឯណា? | មានប៉ុន្មាន? | តើគេធ្វើវាដោយរបៀបណា? | វាសម្រាប់អ្វី?
lo: ນີ້ແມ່ນຫຍັງ | ເປັນຫຍັງຈຶ່ງເປັນແນວນັ້ນ | ໃຜເປັນຄົນເຮັດ | ເກີດຂຶ້ນເມື່ອໃດ | ຢູ່ໃສ | ມີຈັກອັນ | ເຮັດແນວໃດ | ມີໄວ້ເພື່ອຫຍັງ
ka: რა არის ეს? | რატომ არის ასე? | ვინ გააკეთა ეს? | როდის მოხდა ეს? | სად არის? | რამდენია? | როგორ კეთდება ეს? | რისთვის არის ეს?
hy: Ի՞նչ է սա։ | Ինչո՞ւ է այդպես։ | Ո՞վ է դա արել։ | Ե՞րբ է դա տեղի ունեցել։ | Որտե՞ղ է դա։ | Քանի՞սն են։ | Ինչպե՞ս է դա արվում։ | Ինչի՞ համար է դա։
"""
GENERIC_QUESTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        code: tuple(questions.split(" | "))
        for code, _, questions in (line.partition(": ") for line in _BY_LANGUAGE.strip().splitlines())
    }
)
"""Language code -> its questions, in the same order for all."""


BACKGROUND_SENTENCES = (
    ("The library opens at nine in the morning.", "图书馆早上九点开门。"),
    ("Iron melts at a very high temperature.", "铁在很高的温度下熔化。"),
    ("The king signed the treaty after the war.", "国王在战后签署了条约。"),
    ("Most birds of this valley eat insects.", "这个山谷里的大多数鸟吃昆虫。"),
    ("The company sold fewer cars last year.", "这家公司去年卖出的汽车减少了。"),
    ("She wrote her first novel in prison.", "她在狱中写了她的第一部小说。"),
)
"""Sentences about nothing in particular, and their translations. How alike a question is to them is how alike
it is to anything: a background that does not depend on what the library holds, or how much."""
BACKGROUND_LANGUAGES = ("en", "zh")
"""Of ``BACKGROUND_SENTENCES``, in this order."""
