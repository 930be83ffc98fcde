"""More pages to develop on, with the habits of other sites than those of ``page_templates``."""

from __future__ import annotations

from benchmarks.page_words import Words


def _page(body: str, head: str = "") -> str:
    return f"<!doctype html><html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>"


def daily(w: Words) -> str:
    """A British daily: rich links within the text, a panel of most viewed, comments in a discussion."""
    rich = "<aside class=element-rich-link><a href=/r><p>Related:</p><h4>{0}</h4></a></aside>"
    card = "<li class=dcr-12><a href=/v><h3><span>{0}</span></h3></a><div class=dcr-13>{1}</div></li>"
    remark = "<li class=d-comment><div class=d-comment__author>{0}</div><div class=d-comment__body><p>{1}</p></div></li>"
    return _page(
        f"""<div class=dcr-1 id=bannerandheader><div class=top-bar>{w.links(8, "<a href='/{0}'>{1}</a>")}</div></div>
        <main><div class=dcr-2><div data-gu-name=headline><h1>{w.title(content=True)}</h1></div>
        <div data-gu-name=standfirst><p>{w.sentence(content=True)}</p></div><div data-gu-name=body id=maincontent>
        {w.paragraphs_of(2, 3)}{w.teasers(1, rich)}{w.paragraphs_of(3, 4)}
        <div class=submeta><span>Topics</span><ul>{w.links(5)}</ul><a href=/s>Reuse this content</a></div></div></div></main>
        <section id=onwards><h2>More on this story</h2><ul>{w.teasers(4, card)}</ul></section>
        <section id=discussion class=discussion><h2>Comments (214)</h2><ul>{w.remarks(8, remark, content=False)}</ul></section>
        <section id=most-viewed><h2>Most viewed</h2><ol>{w.teasers(6, card)}</ol></section>
        <div class=dcr-9 id=footer>{w.links(12)}</div>""",
    )


def german(w: Words) -> str:
    """A German weekly: areas are named in attributes, teasers between the paragraphs have prose of their own."""
    teaser = """<section data-area=related_articles class='rounded p-16'><h3>Mehr zum Thema</h3><article><a href=/t>
        <h4>{0}</h4></a><p>{1}</p></article><article><a href=/u><h4>{0}</h4></a><p>{1}</p></article></section>"""
    return _page(
        f"""<div data-area=page-header><ul>{w.links(7)}</ul></div><main id=Inhalt><article><header data-area=intro><h2>
        <span>{w.title(content=True)}</span></h2><div class=leading-loose>{w.sentence(content=True)}</div></header>
        <div data-area=body><div class=RichText>{w.paragraphs_of(2, 3)}</div>{w.teasers(1, teaser)}
        <div class=RichText>{w.paragraphs_of(2, 4)}</div></div></article>
        <div data-area=article-teaser-list><h3>Mehr lesen über</h3><ul>{w.links(6)}</ul></div></main>
        <section data-area=footer><h2>Die wichtigsten Nachrichten</h2>{w.links(16, "<a href='/{0}'>{1}</a>")}</section>""",
        "<meta property='og:type' content='article'>",
    )


def letter(w: Words) -> str:
    """A newsletter's page on the web: buttons, a box to subscribe, a discussion, the last posts."""
    remark = "<div class='comment-content'><div class=profile>{0}</div><div class=comment-body><p>{1}</p></div></div>"
    post = "<div class=portable-archive-post><a href=/p>{0}</a><div class=subtitle>{1}</div></div>"
    return _page(
        f"""<div class=topbar><a href=/>The Example Letter</a><button>Subscribe</button><button>Sign in</button></div>
        <div class=main><article class=newsletter-post><h1 class=post-title>{w.title(content=True)}</h1>
        <h3 class=subtitle>{w.sentence(content=True)}</h3><div class='available-content'><div class='body markup'>
        {w.paragraphs_of(3, 4)}<div class=subscription-widget-wrap><p>Thanks for reading! Subscribe for free to receive
        new posts.</p></div>{w.paragraphs_of(2, 3)}</div></div></article>
        <div class=visibility-check><h4>Discussion about this post</h4>{w.remarks(6, remark, content=False)}</div>
        <div class=single-post-section><h4>Ready for more?</h4>{w.teasers(4, post)}</div></div>
        <div class=footer-wrap><a href=/privacy>Privacy</a> ∙ <a href=/terms>Terms</a></div>""",
    )


def plain_divs(w: Words) -> str:
    """A platform for stories: hashed names, responses and recommendations with prose, in nested divs."""
    card = """<div class='ab ac'><div class=hq><a href=/s><h2>{0}</h2><div class=hr><h3>{1}</h3></div></a>
        <div class=hs><a href=/u>Jane</a> · 5 min read</div></div></div>"""
    remark = "<div class=ir><div class=is><a href=/u>{0}</a></div><pre class=it><div class=iu>{1}</div></pre></div>"
    return _page(
        f"""<div id=root><div class=a><div class=b><a href=/>Write</a><a href=/i>Sign up</a><a href=/j>Sign in</a></div>
        <div class=c><article><div class=d><section><div><h1 id=e1>{w.title(content=True)}</h1>
        {w.paragraphs_of(5, 8, "<p class='pw-post-body-paragraph gk'>{}</p>")}</div></section></div></article></div>
        <div class=hx><div><h2>{w.phrase("Responses (6)", "评论")}</h2></div>{w.remarks(6, remark, content=False)}</div>
        <div class=hy><h2>{w.phrase("More from the author", "作者的更多文章")}</h2><div class=hz>{w.teasers(6, card)}</div></div>
        <div class=ja>{w.links(7, "<a href='/{0}'>{1}</a>")}</div></div></div>""",
    )


def government(w: Words) -> str:
    """A site of the kit that public bodies use: regions, blocks, teasers as nodes."""
    node = "<div class='views-row'><div class='node node--type-news node--view-mode-teaser'><h3><a href=/n>{0}</a></h3><p>{1}</p></div></div>"
    return _page(
        f"""<div class='region region-header'><div class=block>{w.links(6)}</div></div>
        <div class='region region-breadcrumb'><ol>{w.links(3)}</ol></div><div class='region region-content'>
        <div class='node node--type-article node--view-mode-full'><h1 class=page-title>{w.title(content=True)}</h1>
        <div class='field field--name-body'>{w.paragraphs_of(3, 5)}<h3>{w.title(content=True)}</h3>
        <ol><li>{w.sentence(content=True)}<li>{w.sentence(content=True)}</ol>
        <table><tr><th>{w.said("Item", content=True)}<th>{w.said("Fee", content=True)}<tr><td>{w.title(content=True)}<td>12</table>
        </div></div></div><div class='region region-sidebar-second'><div class='block block-views'><h2>Latest news</h2>
        {w.teasers(5, node)}</div></div><div class='region region-footer'>{w.links(8)}</div>""",
    )


def chinese_news(w: Words) -> str:
    """Another Chinese portal: posts below, recommendations with summaries, rankings beside."""
    item = "<div class=post_recommend_item><a href=/r><h3>{0}</h3></a><p class=digest>{1}</p></div>"
    remark = "<div class=tie-item><div class=tie-user>{0}</div><div class=tie-body>{1}</div><span>顶[12]</span></div>"
    return _page(
        f"""<div class=N-nav-channel>{w.links(16, "<a href='/{0}'>{1}</a>")}</div><div class='container clearfix'>
        <div class=post_main><h1 class=post_title>{w.title(content=True)}</h1><div class=post_info>2024-03-04 10:00 来源: 示例网
        <a>举报</a></div><div class=post_content><div class=post_body>{w.paragraphs_of(4, 7)}</div>
        <div class=post_author>责任编辑：张三</div></div><div class=post_statement>特别声明：以上内容为用户上传并发布。</div>
        <div class=tie-area><h3>跟贴</h3>{w.remarks(6, remark, content=False)}</div>
        <div class=post_recommends><h3>相关推荐</h3>{w.teasers(5, item)}</div></div>
        <div class=post_side><div class=mod_hot_rank><h2>热点排行</h2><ul>{w.links(10)}</ul></div></div></div>
        <div class=N-nav-bottom>{w.links(5, "<a href='/{0}'>{1}</a>")}</div>""",
    )


def mailing_list(w: Words) -> str:
    """The archive of a list: messages one after the other."""
    message = "<div class=message><div class=header><b>From:</b> {0}</div><pre class=body>{1}</pre></div>"
    return _page(
        f"<h1>{w.title(content=True)}</h1>{w.remarks(8, message, content=True)}<p><a href=t.html>Thread</a></p>",
    )


def board(w: Words) -> str:
    """A board whose messages are articles."""
    message = """<article class='message message--post'><div class=message-user><h4>{0}</h4></div><div class=message-body>
        <div class=bbWrapper>{1}</div></div><footer class=message-footer><a href=#>Like</a><a href=#>Reply</a></footer></article>"""
    return _page(
        f"""<header class=p-header></header><nav class=p-nav><ul>{w.links(6)}</ul></nav><div class=p-body-content>
        <h1 class=p-title-value>{w.title(content=True)}</h1><div class='block block--messages'>
        {w.remarks(9, message, content=True)}</div></div><footer class=p-footer>{w.links(5)}</footer>""",
    )


def comments_page(w: Words) -> str:
    """A post on a site of communities: short, and its comments are what people keep it for."""
    remark = "<div class='thing comment'><p class=tagline><a class=author>{0}</a></p><div class=usertext-body><p>{1}</p></div></div>"
    return _page(
        f"""<div id=header>{w.links(8)}</div><div class=content role=main><div class=sitetable><div class='thing link'>
        <p class=title><a href=/x>{w.title(content=True)}</a></p><div class=usertext-body><p>{w.sentence(content=True)}</p></div></div>
        </div><div class=commentarea><div class='sitetable nestedlisting'>{w.remarks(14, remark, content=True)}</div></div></div>
        <div class=side><div class=spacer>{w.links(6)}</div></div>""",
    )


def handbook(w: Words) -> str:
    """A page of a handbook with a menu of its chapters and one of its sections."""
    return _page(
        f"""<nav class='md-header'>{w.links(3)}</nav><div class=md-container><main class=md-main><div class='md-sidebar'>
        <nav class=md-nav><ul>{w.links(14)}</ul></nav></div><div class=md-content><article class='md-content__inner'>
        <h1>{w.title(content=True)}</h1>{w.paragraphs_of(1, 2)}<div class='tabbed-set'><label>{w.said("Linux", content=True)}</label>
        <div class=tabbed-content>{w.text(content=True)}</div></div><details class=note><summary>{w.title(content=True)}</summary>
        <p>{w.sentence(content=True)}</p></details><h2>{w.said("Related settings", content=True)}</h2><ul>
        <li>{w.sentence(content=True)}</li><li>{w.sentence(content=True)}</li></ul></article></div></main></div>""",
    )


def recipe(w: Words) -> str:
    """Lists with a little prose, and remarks of those who cooked it."""
    remark = "<div class=review><b>{0}</b><p>{1}</p></div>"
    items = "".join(f"<li>{w.title(content=True)}</li>" for _ in range(10))
    steps = "".join(f"<li>{w.sentence(content=True)}</li>" for _ in range(8))
    return _page(
        f"""<div class=nav>{w.links(6)}</div><div class=recipe><h1>{w.title(content=True)}</h1><p>{w.sentence(content=True)}</p>
        <div class=ingredients><ul>{items}</ul></div><div class=method><ol>{steps}</ol></div></div>
        <div class=reviews>{w.remarks(3, remark, content=True)}</div>""",
    )


def glossary(w: Words) -> str:
    """Terms and what they mean."""
    terms = "".join(f"<dt>{w.title(content=True)}</dt><dd>{w.sentence(content=True)}</dd>" for _ in range(15))
    return _page(f"<div id=menu>{w.links(5)}</div><h1>Glossary</h1><dl>{terms}</dl>")


def product(w: Words) -> str:
    """A product: a table of what it has, and a text."""
    rows = "".join(
        f"<tr><th>{w.title(content=True)}</th><td>{w.sentence(content=True, most=40)}</td></tr>"
        for _ in range(12)
    )
    return _page(
        f"""<div class=breadcrumbs>{w.links(3)}</div><div class=product-main><h1>{w.title(content=True)}</h1>
        <div class=product-description><p>{w.text(content=True)}</p></div><table class=specs>{rows}</table></div>
        <div class=footer-links>{w.links(6)}</div>""",
    )


ARTICLES = (daily, german, letter, plain_divs, government, chinese_news)
OTHERS = (mailing_list, board, comments_page, handbook, recipe, glossary, product)
