"""How a question about whole documents is worded, in the languages of Footnote's users."""

from __future__ import annotations

import re

_SUMMARY = r"""
\b(summari[sz]e|summary|summaries|overview|abstract|tl;?dr|gist)\b
\b(key|main) (points|ideas|findings|topics|takeaways)\b
\bwhat(?:'s| is| does| do)\b.{0,40}\b(document|report|paper|file|article|book)s?\b.{0,12}\b(about|say|cover)\b
总结|總結|概括|概述|摘要|综述|主要内容|要点|大意|(讲|说|写)了(些)?什么
要約|要旨|まとめて|概要|要点|あらすじ
요약|개요|요지|간추려|간추린
\bzusammenfass|\bfass.{0,60}\bzusammen\b|\büberblick\b|\bkernaussage|\bhauptpunkt|\bworum geht
\brésum|\bsynthèse\b|\baperçu\b|\b(points|idées) (clés|principa)|\bde quoi (parle|traite|s'agit)
\bresum(en|ir|ido|ida|idamente|o)\b|\bresume (el|la|los|las|lo|este|esta|estos|o|a|os|esse)\b|\bs[ií]nte(sis|se)\b
\b(puntos|ideas) (clave|principales)|\bpontos (principais|chave)|\bde qué trata|\b(do|de) que (trata|fala)
\briassum|\briassunt|\bsintesi\b|\bpunti (chiave|principali)|\bdi (che )?cosa (parla|tratta)
\bsamenvat|\bvat.{0,60}\bsamen\b|\bhoofdpunten|\bsammanfatt|\bsammenfat|\bo(ps|pps)ummer
\bstreść|\bstreszcz|\bpodsum|\bshrň|\bshrn|\bsouhrn|\bzhrň|\bzhrn|\bsažet|\bsažmi|\bsaže[tc]
\bösszefoglal|\bfoglal.{0,60}\bössze\b|\bmiről szól|\btiivist|\byhteenveto|\brezum|\bdespre ce (este|e)\b
περίληψ|σύνοψ|συνόψισ|συνοψίσ|περιληπτικ
резюм|кратк\w+ (содержани|изложени)|обобщ|суммир|перескаж|о ч[её]м (говорит|расска|ид[её]т|эт)
підсум|стисл\w+ (зміст|виклад)|узагальн
\bözet|\btóm tắt|\btổng quan|\bnội dung chính|\bý chính|\bringkas|\brangkum|\bintisari
لخّ?ص|تلخيص|ملخص|خلاصة|موجز|خلاصه|چکیده|خلاصہ
סכם|סכמי|סיכום|תקציר|תמצית
सारांश|संक्षेप|সারাংশ|সারসংক্ষেপ|சுருக்க|સારાંશ
สรุป|ใจความสำคัญ|ย่อความ
"""
_COMPARISON = r"""
\b(compare|comparison|differences?|differ|changed|changes)\b
对比|比较|区别|差异|不同|变化|改动|改了
比較|比べ|違い|違う|異な|変更|変わった
비교|차이|다른 점|달라|변경|바뀐|바뀌
\bvergleich|\bunterschied|\bunterscheid|\bgeändert|\bänderung
\bcompar|\bdifféren|\bchangé|\bchangement|\bdiferen|\bcambi(ó|ado|os|aron)|\bmud(ou|anç|aram)|\balteraç
\bconfront|\bdifferenz|\bcambiat|\bvergelijk|\bverschil|\bveranderd|\bjämför|\bskillnad|\bsammenlign|\bforskel|\bforskjell
\bporówn|\bróżni|\bzmieni|\bporovn|\brozdíl|\brozdiel|\bzměnil|\busporedi|\brazlik
\bhasonlít|\bösszehasonlít|\bkülönb|\bvertaa|\bvertail|\bero(t|avat)?\b|\bschimb
σύγκρι|συγκρίν|διαφορ|διαφέρ
сравн|различ|отлич|разниц|изменил|изменени|порівн|відмін|різниц|змінил
\bkarşılaştır|\bfark|\bdeğiş|\bso sánh|\bkhác (nhau|biệt|gì)|\bthay đổi|\bbanding|\bperbeda|\bberbeda
قارن|مقارن|الفرق|اختلاف|تغير|مقایسه|تفاوت|تغییر|موازنہ
השווה|השוו|הבדל|השתנה|שונה
तुलना|अंतर|फ़र्क|फर्क|बदल|তুলনা|পার্থক্য
เปรียบเทียบ|แตกต่าง|ต่างกัน|เปลี่ยนแปลง
"""
_THIS_DOCUMENT = r"""
\b(this|the|these|both|two)\b.{0,12}\b(documents?|reports?|papers?|files?|articles?|books?|texts?|contracts?|versions?|two)\b
[这該该两兩](一)?[份篇个個本两]?(些)?(文档|文件|报告|文章|论文|合同|材料|版本|资料|书|份)
(この|その|本|二つの|両)(文書|文章|報告|レポート|資料|論文|記事|ファイル|ドキュメント|本|契約)
(이|그|두) ?(문서|보고서|파일|논문|기사|자료|글|책|계약서|텍스트)
\b(dies|das|der|die|den|dem|beid|zwei)\w*\b.{0,12}\b(dokument|bericht|datei|text|artikel|aufsatz|buch|bücher|vertr[aä]g|version|fassung)
\b(ce|cet|cette|ces|le|les|deux|du)\b.{0,12}\b(document|rapport|fichier|texte|article|livre|contrat|version)
\b(este|esta|estos|ambos|dos|el|los|esse|deste|dois|o|os)\b.{0,12}\b(documento|informe|archivo|texto|art[ií]culo|libro|contrato|relatório|arquivo|ficheiro|artigo|livro|version|versões)
\b(questo|questi|il|i|due|entrambi)\b.{0,12}\b(document|rapport|relazion|file|test[oi]|articol|libr|contratt|version)
\b(dit|deze|het|de|beide|twee|det|den|denna|detta|dette|denne|båda|begge|två|to)\b.{0,12}\b(document|dokument|rapport|bestand|fil|tekst|text|artikel|boek|bok|contract|kontrakt|avtal)
\b(t[eę]n|te[jg]?|tego|oba|dwa|dwóch|tento|tuto|toho|oba|dva|acest|aceste|două|ambele|ez|ezt|a|két|tämä|tämän|nämä)\b.{0,12}\b(dokument|raport|plik|tekst|artyku|książk|umow|zpráv|soubor|text|článe?k|knih|smlouv|document|fișier|articol|cart|contract|jelentés|fájl|szöveg|cikk|könyv|asiakirj|rapor|tiedosto|teksti|artikkel|kirja)
(έγγραφ|αναφορά|έκθεσ|αρχεί|κείμεν|άρθρ|βιβλί)
(этот|этого|эта|эту|эти|этих|оба|два|двух|обоих|цей|цього|цю|ці|обидва)\s.{0,12}(документ|отч[её]т|файл|текст|стать|статт|книг|договор|договір|звіт|версии|версій)
\b(bu|iki|her iki|şu)\b.{0,12}\b(belge|rapor|dosya|metin|metn|makale|kitap|kitab|sözleşme|döküman|doküman)
(tài liệu|báo cáo|văn bản|bài (viết|báo)|tệp|tập tin|cuốn sách|hợp đồng) (này|trên|đó)
hai (tài liệu|báo cáo|văn bản|tệp)
\b(dokumen|laporan|berkas|teks|artikel|buku) (ini|tersebut)
(الوثيق|وثيق|المستند|مستند|التقرير|تقرير|الملف|المقال|النص|الكتاب|العقد|سند|گزارش|فایل|متن|مقاله|دستاویز|رپورٹ)
(המסמך|הדוח|הקובץ|המאמר|הספר|הטקסט|החוזה|מסמכים)
(इस|यह|दोनों|इन)\s.{0,12}(दस्तावेज|रिपोर्ट|फ़ाइल|फाइल|लेख|पाठ|पुस्तक|किताब)
(เอกสาร|รายงาน|ไฟล์|บทความ|หนังสือ|สัญญา)(นี้|ฉบับนี้|เล่มนี้|ทั้งสอง|สอง)
"""


def _any(lines: str) -> re.Pattern[str]:
    return re.compile("|".join(lines.strip().splitlines()), re.IGNORECASE)


SUMMARY = _any(_SUMMARY)
COMPARISON = _any(_COMPARISON)
THIS_DOCUMENT = _any(_THIS_DOCUMENT)
