"""Pages with the habits of yet other sites: the half that nothing is chosen on, written after all else."""

from __future__ import annotations

from benchmarks.page_words import Words


def _page(body: str, head: str = "") -> str:
    return f"<!doctype html><html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>"


def spanish_daily(w: Words) -> str:
    """A daily paper: modules with prefixes, a list to register, opinions of readers with votes."""
    module = "<div class=ue-c-cover-content><header><a href=/n><h2>{0}</h2></a></header><p>{1}</p></div>"
    remark = "<li class=ue-c-comment><div><b>{0}</b></div><div class=ue-c-comment__body>{1}</div><button>3</button></li>"
    return _page(
        f"""<div class=ue-l-header>{w.links(9)}</div><div class=ue-l-article><article class=ue-c-article>
        <h1 class=ue-c-article__headline>{w.title(content=True)}</h1><p class=ue-c-article__standfirst>
        {w.sentence(content=True)}</p><div class=ue-c-article__body data-section=articleBody>
        {w.paragraphs_of(3, 5)}<blockquote>{w.sentence(content=True)}</blockquote>{w.paragraphs_of(1, 3)}</div></article>
        <div class=ue-c-article__bar><span>Lo más leído</span><ol>{w.links(6)}</ol></div>
        <div class=ue-c-opinions><h4>Comentarios (31)</h4><ul>{w.remarks(6, remark, content=False)}</ul></div></div>
        <div class=ue-l-cover-grid>{w.teasers(4, module)}</div><div class=ue-l-footer>{w.links(7)}</div>"""
    )


def local_paper(w: Words) -> str:
    """A local paper: promotions between paragraphs, a plan to subscribe, conversations below."""
    promo = "<div class=inline-promo><span>MORE FROM US</span><a href=/p><strong>{0}</strong></a></div>"
    remark = "<div class=vf-content-layout><a href=/u>{0}</a><div class=vf-post-text><p>{1}</p></div></div>"
    return _page(
        f"""<div id=top class=navigation-shell>{w.links(10, "<a href='/{0}'>{1}</a>")}</div><main><div class=story>
        <h1>{w.title(content=True)}</h1><div class=byline>By A. Writer</div><div class=story-text>{w.paragraphs_of(2, 3)}
        {w.teasers(1, promo)}{w.paragraphs_of(2, 3)}<table><tr><td>{w.title(content=True)}<td>41<tr><td>
        {w.title(content=True)}<td>39</table></div><div class=subscribe-plan><p>Unlimited access from 1 a week.</p>
        <a href=/join>Join now</a></div></div></main><div class=vf-comments><div>Conversation</div>
        {w.remarks(7, remark, content=False)}</div><div class=bottom-strip><h5>Most popular</h5><ul>{w.links(7)}</ul></div>""",
        """<script type="application/ld+json">{"@type": "NewsArticle", "headline": "x"}</script>""",
    )


def japanese_style(w: Words) -> str:
    """Styled components, section titles in Japanese or English, lists of pictures with captions."""
    item = "<li class=sc-a1><a href=/n class=sc-a2><img alt=''><div class=sc-a3>{0}</div></a></li>"
    return _page(
        f"""<div class=sc-h0>{w.links(8, "<a class=sc-h1 href='/{0}'>{1}</a>")}</div><div class=sc-c0><div class=sc-c1>
        <h1 class=sc-c2>{w.title(content=True)}</h1><div class=sc-c3>{w.paragraphs_of(4, 6, "<p class=sc-p>{}</p>")}</div>
        <div class=sc-d0><h2>{w.phrase("Related stories", "関連記事")}</h2><ul>{w.teasers(5, item)}</ul></div></div>
        <div class=sc-e0><section><h2>{w.phrase("Trending now", "アクセスランキング")}</h2><ol>{w.teasers(5, item)}</ol>
        </section></div></div><div class=sc-f0>{w.links(9, "<a href='/{0}'>{1}</a>")}</div>"""
    )


def jekyll(w: Words) -> str:
    """A plain blog: the next posts in a list, an empty place for comments."""
    return _page(
        f"""<div class=site-nav><a href=/>Home</a><a href=/about>About</a></div><div class=page-content><div class=wrapper>
        <h1>{w.title(content=True)}</h1><p class=post-meta>Mar 4, 2024</p><div class=post-content>{w.paragraphs_of(2, 4)}
        <pre><code>{w.said("make install", content=True)}</code></pre><h2>{w.title(content=True)}</h2>{w.paragraphs_of(1, 3)}
        <ol><li>{w.sentence(content=True)}<li><a href=https://a.example>{w.title(content=True)}</a> {w.sentence(content=True)}
        </ol></div><h3>{w.phrase("Related Posts", "相关文章")}</h3><ul>{w.links(4)}</ul><div id=disqus_thread></div></div></div>
        <div class=site-foot>{w.links(4, "<a href='/{0}'>{1}</a>")}</div>"""
    )


def press_release(w: Words) -> str:
    """A university: the contact belongs to the text, the news beside it do not."""
    item = "<div class=news-list__item><a href=/n>{0}</a><span>{1}</span></div>"
    return _page(
        f"""<header class=uni-header>{w.links(7, "<a href='/{0}'>{1}</a>")}</header><div class=uni-main>
        <div class=uni-text><h1>{w.title(content=True)}</h1><p class=lead>{w.sentence(content=True)}</p>{w.paragraphs_of(3, 5)}
        <div class=contact><h3>{w.said("Contact", content=True)}</h3><p>{w.title(content=True)}</p></div></div>
        <div class=uni-side><h3>{w.phrase("Latest news", "最新资讯")}</h3>{w.teasers(5, item)}</div></div>
        <footer>{w.links(10)}</footer>"""
    )


def magazine(w: Words) -> str:
    """A long read with captions, quotes drawn out of it, the author's life, and cards below."""
    card = "<div class=c-card><div class=c-card__hed><a href=/s>{0}</a></div><div class=c-card__dek>{1}</div></div>"
    return _page(
        f"""<div class=c-globalnav>{w.links(9)}</div><article class=c-story><h1>{w.title(content=True)}</h1>
        {w.paragraphs_of(2, 3)}<figure><img src=a.jpg><figcaption>{w.sentence(content=True)}</figcaption></figure>
        <aside class=pullquote-box role=note><p>{w.sentence(content=True)}</p></aside>{w.paragraphs_of(3, 4)}
        <div class=c-bio><p>{w.sentence(content=True)}</p></div></article><div class=c-recirc><div class=c-recirc__title>
        {w.phrase("Read Next", "推荐阅读")}</div>{w.teasers(6, card)}</div><div class=c-legal>{w.links(6)}</div>"""
    )


def discourse(w: Words) -> str:
    """A forum that shows each message as an article."""
    post = """<div class='topic-post clearfix regular'><article><div class=topic-meta-data><a href=/u>{0}</a></div>
        <div class=cooked><p>{1}</p></div></article></div>"""
    return _page(
        f"""<div class=d-header>{w.links(3)}</div><h1>{w.title(content=True)}</h1><div class=post-stream>
        {w.remarks(9, post, content=True)}</div><div class=suggested-topics><h3>Suggested Topics</h3>{w.links(5)}</div>"""
    )


def issue(w: Words) -> str:
    """A report of a fault and what was said of it."""
    said = """<div class='TimelineItem js-comment-container'><div class='timeline-comment'><h3><a href=/u>{0}</a> commented</h3>
        <div class=comment-body><p>{1}</p></div></div></div>"""
    return _page(
        f"""<header>{w.links(4)}</header><div class=gh-header><h1>{w.title(content=True)}</h1></div>
        <div class=js-discussion>{w.remarks(8, said, content=True)}</div><footer>{w.links(5)}</footer>"""
    )


def staff(w: Words) -> str:
    """Cards of people, each with a link."""
    card = "<div class=person><h3><a href='/staff/{2}'>{0}</a></h3><p>{1}</p></div>"
    cards = "".join(
        card.format(w.title(content=True), w.sentence(content=True), number) for number in range(14)
    )
    return _page(
        f"<nav>{w.links(5)}</nav><h1>Staff</h1><p>{w.text(content=True)}</p><div class=people>{cards}</div>"
    )


def bibliography(w: Words) -> str:
    """Works with their links and what they are about."""
    item = "<li><a href='https://doi.example/{2}'>{0}</a>. {1}</li>"
    items = "".join(
        item.format(w.title(content=True), w.sentence(content=True), number) for number in range(18)
    )
    return _page(f"<div id=nav>{w.links(4)}</div><h1>Works</h1><p>{w.text(content=True)}</p><ol>{items}</ol>")


def law(w: Words) -> str:
    """Numbered sections, cross-references everywhere."""
    section = "<div class=section><h3>§ {2} {0}</h3><p>{1} <a href='#s{2}'>§ {2}</a></p></div>"
    sections = "".join(
        section.format(w.title(content=True), w.text(content=True), number) for number in range(1, 9)
    )
    return _page(f"<div class=menu>{w.links(5)}</div><h1>{w.title(content=True)}</h1>{sections}")


def changes(w: Words) -> str:
    """What changed from one release to the next, each with the number of its issue."""
    entry = "<li>{0} (<a href='/issues/{1}'>#{1}</a>)</li>"
    lists = "".join(
        f"<h2>1.{release}</h2><ul>"
        + "".join(entry.format(w.sentence(content=True), 90 + number) for number in range(6))
        + "</ul>"
        for release in range(4)
    )
    return _page(f"<header>{w.links(4)}</header><article><h1>Changes</h1>{lists}</article>")


def shop(w: Words) -> str:
    """A text, questions about it that a click opens, and what customers wrote."""
    item = "<div class=accordion><button aria-expanded=false>{0}</button><div class=panel hidden><p>{1}</p></div></div>"
    items = "".join(item.format(w.title(content=True), w.sentence(content=True)) for _ in range(6))
    review = "<div class=customer-review><b>{0}</b><p>{1}</p></div>"
    return _page(
        f"""<div class=breadcrumb>{w.links(3)}</div><h1>{w.title(content=True)}</h1><p>{w.text(content=True)}</p>{items}
        <div class=customer-reviews>{w.remarks(4, review, content=True)}</div><footer>{w.links(8)}</footer>"""
    )


ARTICLES = (spanish_daily, local_paper, japanese_style, jekyll, press_release, magazine)
OTHERS = (discourse, issue, staff, bibliography, law, changes, shop)
