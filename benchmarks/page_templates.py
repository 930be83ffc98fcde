"""Pages with the habits of real ones: half to develop on. ``benchmarks.pages`` fills and scores them.

Each is a function of ``Words``; what it says with ``content=True`` must be read, everything else is the site's.
"""

from __future__ import annotations

from benchmarks.page_words import Words

_FOOT = "<footer class='site-footer'><ul>{}</ul><p>© 2024 The Example. All rights reserved.</p></footer>"


def _page(body: str, head: str = "") -> str:
    return f"<!doctype html><html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>"


def wordpress(w: Words) -> str:
    """A blog of the usual kit: related posts and sharing within the article, comments below, widgets beside."""
    comment = (
        "<li class='comment depth-1'><div class='comment-author vcard'>{0}</div><div><p>{1}</p></div></li>"
    )
    card = "<div class='jp-relatedposts-post'><h4><a href='/a'>{0}</a></h4><p>{1}</p></div>"
    return _page(
        f"""<header id=masthead class=site-header><p class=site-title><a href=/>The Daily Example</a></p>
        <nav class=main-navigation><ul class=menu>{w.links(9)}</ul></nav></header>
        <div id=content class=site-content><div id=primary><main id=main><article class='post hentry'>
        <h1 class=entry-title>{w.title(content=True)}</h1><div class=entry-content>
        {w.paragraphs_of(2, 4)}<h2>{w.title(content=True)}</h2>{w.paragraphs_of(2, 3)}
        <ul><li>{w.sentence(content=True)}</li><li>{w.sentence(content=True)}</li></ul>
        <div class='sharedaddy sd-sharing-enabled'><h3>Share this:</h3><ul>{w.links(6)}</ul></div>
        <div id=jp-relatedposts class=jp-relatedposts><h3>Related</h3>{w.teasers(3, card)}</div></div>
        <footer class=entry-footer><span class=cat-links>Posted in <a href=/c>News</a></span></footer></article>
        <nav class=post-navigation><a href=/p>{w.title(content=False)}</a></nav>
        <div id=comments class=comments-area><h2>7 thoughts on this</h2><ol class=comment-list>
        {w.remarks(7, comment, content=False)}</ol><div id=respond class=comment-respond><h3>Leave a Reply</h3>
        <p>Your email address will not be published.</p></div></div></main></div>
        <aside id=secondary class='widget-area'><section class='widget widget_recent_entries'><h2>Recent Posts</h2>
        <ul>{w.links(5)}</ul></section><section class='widget'><h2>About</h2><p>{w.sentence()}</p></section></aside>
        </div>{_FOOT.format(w.links(4))}""",
    )


def broadcaster(w: Words) -> str:
    """A large news site: names of classes say nothing, more stories within and after the article."""
    card = "<li><a href='/n' class=ssrcss-1f3><span class=ssrcss-9><p class=ssrcss-4>{0}</p></span></a></li>"
    more = f"<div data-component=topic-list><h2>Related Topics</h2><ul>{w.links(5)}</ul></div>"
    return _page(
        f"""<div id=cookiePrompt class=ssrcss-1><p>Let us know you agree to cookies</p><button>Yes, I agree</button></div>
        <header role=banner class=ssrcss-2><div>{w.links(12, "<a href='/{0}'>{1}</a>")}</div></header>
        <div class=ssrcss-3><main id=main-content><article class=ssrcss-5><header><h1>{w.title(content=True)}</h1></header>
        <div data-component=text-block>{w.paragraphs_of(2, 3)}</div>
        <div data-component=links-block><ul><li><a href=/x>{w.title(content=False)}</a></li>
        <li><a href=/y>{w.title(content=False)}</a></li><li><a href=/z>{w.title(content=False)}</a></li></ul></div>
        <div data-component=text-block>{w.paragraphs_of(2, 4)}</div>
        <figure><img src=x.jpg><figcaption>{w.sentence(content=True, most=80)}</figcaption></figure>
        <div data-component=text-block>{w.paragraphs_of(1, 2)}</div>{more}</article></main>
        <div class=ssrcss-6><section><h2>Top Stories</h2><ul>{w.teasers(5, card)}</ul></section>
        <section><h2>Elsewhere on the site</h2><ul>{w.teasers(6, card)}</ul></section>
        <section><h2>Most Read</h2><ol>{w.teasers(8, card)}</ol></section></div></div>
        {_FOOT.format(w.links(14))}""",
        "<meta property=og:type content=article>",
    )


def table_layout(w: Words) -> str:
    """A page of the year 2003: a menu at the left, news at the right, the article between them, all in one table."""
    row = "<tr><td><font size=1><a href=n.html>{0}</a><br>{1}</font></td></tr>"
    text = "<br><br>".join(w.text(content=True) for _ in range(w.rng.randint(4, 7)))
    return _page(
        f"""<table width=100%><tr><td colspan=3><a href=/><img src=logo.gif alt='Home'></a>
        {w.links(7, "<a href='{0}.html'>{1}</a> | ")}</td></tr><tr valign=top><td width=120>
        <table>{w.links(10, "<tr><td><a href='{0}.html'>{1}</a></td></tr>")}</table></td><td>
        <font size=5><b>{w.said("The harbour and its ships", content=True)}</b></font><p>{text}</p></td>
        <td width=160><b>More news</b><table>{w.teasers(5, row)}</table></td></tr>
        <tr><td colspan=3 align=center><font size=1>Copyright 2003 {w.links(4, "<a href='{0}'>{1}</a> ")}</font></td></tr>
        </table>""",
    )


def chinese_portal(w: Words) -> str:
    """A Chinese portal: lists of news around the text, readers' words below it."""
    remark = "<div class=cmt-item><span class=user>{0}</span><p class=txt>{1}</p><a href=#>回复</a></div>"
    item = "<li><a href='/n/1.html' target=_blank>{0}</a></li>"
    return _page(
        f"""<div class=topnav>{w.links(14, "<a href='/{0}'>{1}</a>")}</div><div class=path><a href=/>首页</a> &gt; <a>正文</a></div>
        <div class='main-content w1240'><h1 class=main-title>{w.title(content=True)}</h1>
        <div class=date-source><span class=date>2024年03月04日</span></div>
        <div class=article-content-left><div class=article id=artibody>{w.paragraphs_of(4, 7)}</div>
        <div class=article-bottom><div class=keywords>关键词：{w.links(4, "<a href='/{0}'>{1}</a>")}</div>
        <div class=share-bar>分享到：<a>微博</a><a>微信</a></div></div>
        <div class=blk-related><h2>相关新闻</h2><ul>{w.teasers(7, item)}</ul></div>
        <div class=comment-area><h2>网友评论</h2>{w.remarks(6, remark, content=False)}</div></div>
        <div class=article-content-right><div class=tit02>热门排行</div><ul>{w.teasers(10, item)}</ul></div></div>
        <div class=footer>Copyright © 1996-2024 版权所有 {w.links(6, "<a href='/{0}'>{1}</a>")}</div>""",
    )


def hashed(w: Words) -> str:
    """Nothing but divs with names that mean nothing; teasers with prose."""
    card = "<div class=_x9f><a href=/n><div class=_k2>{0}</div><div class=_k3>{1}</div></a></div>"
    return _page(
        f"""<div class=_a1><div class=_a2>{w.links(9, "<a class=_a3 href='/{0}'>{1}</a>")}</div></div><div class=_b1>
        <div class=_b2><div class=_b3><h1>{w.title(content=True)}</h1></div>
        <div class=_b4>{w.paragraphs_of(5, 8, "<div class=_p>{}</div>")}</div></div>
        <div class=_c1><div class=_c2>{w.phrase("You may also like", "猜你喜欢")}</div>{w.teasers(6, card)}</div></div>
        <div class=_z>{w.links(8, "<a href='/{0}'>{1}</a>")}</div>""",
    )


def ghost(w: Words) -> str:
    """A newsletter: a box to subscribe within the text, cards with excerpts and a discussion after it."""
    card = "<article class='post-card'><a href=/p><h2 class=post-card-title>{0}</h2><p class=excerpt>{1}</p></a></article>"
    remark = "<div class=discussion-item><strong>{0}</strong><p>{1}</p></div>"
    return _page(
        f"""<header class=gh-head><nav class=gh-head-menu><ul>{w.links(5)}</ul></nav></header><main>
        <article class='gh-article'><header><h1>{w.title(content=True)}</h1><p class=gh-article-excerpt>
        {w.sentence(content=True)}</p></header><section class='gh-content gh-canvas'>{w.paragraphs_of(2, 3)}
        <div class=subscribe-form><h3>Sign up for more like this.</h3><form><input placeholder='Email'>
        <button>Subscribe</button></form></div><blockquote>{w.text(content=True)}</blockquote>{w.paragraphs_of(2, 3)}
        <p><strong>Read more:</strong> <a href=/x>{w.title(content=False)}</a></p></section></article>
        <section class=comments><h2>Member discussion</h2>{w.remarks(5, remark, content=False)}</section>
        <aside class=read-more><h2>You might also like</h2>{w.teasers(4, card)}</aside></main>{_FOOT.format(w.links(3))}""",
    )


def forum(w: Words) -> str:
    """phpBB: all posts are content."""
    post = """<div class='post bg2'><div class=postbody><p class=author>by <strong>{0}</strong></p><div class=content>{1}
        </div></div></div>"""
    return _page(
        f"""<div id=page-header><ul class=navlinks>{w.links(5)}</ul></div><div id=page-body>
        <h2 class=topic-title>{w.title(content=True)}</h2>{w.remarks(9, post, content=True)}</div>
        <div id=page-footer><ul class=navlinks>{w.links(5)}</ul></div>""",
    )


def threads(w: Words) -> str:
    """A site of links and what people say of them: the comments are the page."""
    row = "<tr class='athing comtr'><td><div class=comment><span class=commtext>{1}</span></div></td></tr>"
    return _page(
        f"""<table><tr><td class=pagetop>{w.links(6, "<a href='{0}'>{1}</a> | ")}</td></tr></table>
        <table class=fatitem><tr><td><a href='https://a.example/x'>{w.title(content=True)}</a></td></tr></table>
        <table class=comment-tree>{w.remarks(12, row, content=True)}</table>""",
    )


def questions(w: Words) -> str:
    """A question, its answers and remarks to both."""
    remark = "<li class=comment><span class=comment-copy>{1}</span> – <a class=comment-user>{0}</a></li>"
    answer = "<div class=answer><div class=s-prose>{}</div><ul class=comments-list>{}</ul></div>".format
    answers = "".join(answer(w.paragraphs_of(1, 2), w.remarks(2, remark, content=True)) for _ in range(3))
    return _page(
        f"""<header class=s-topbar>{w.links(5, "<a href='/{0}'>{1}</a>")}</header><div id=content><div id=question-header>
        <h1>{w.title(content=True)}</h1></div><div id=mainbar><div class=question><div class=s-prose>{w.paragraphs_of(1, 2)}
        </div></div><div id=answers><h2>3 Answers</h2>{answers}</div></div>
        <div id=sidebar><div class='module sidebar-related'><h4>Related</h4>{w.links(8, "<div><a href='/{0}'>{1}</a></div>")}
        </div></div></div>""",
    )


def answers(w: Words) -> str:
    """Frequent questions."""
    each = "<div class=faq-item><h3>{}</h3><div class=faq-answer><p>{}</p></div></div>".format
    items = "".join(each(w.title(content=True), w.sentence(content=True)) for _ in range(9))
    return _page(f"<nav>{w.links(5)}</nav><main><h1>FAQ</h1><section class=faq>{items}</section></main>")


def manual(w: Words) -> str:
    """A page of documentation with its contents beside it."""
    return _page(
        f"""<div class=related role=navigation><ul>{w.links(4)}</ul></div><div class=document><div class=documentwrapper>
        <div class=body role=main><section><h1>{w.title(content=True)}</h1>{w.paragraphs_of(1, 2)}
        <div class='admonition note'><p class=admonition-title>Note</p><p>{w.sentence(content=True)}</p></div>
        <aside class='admonition tip'><p>{w.sentence(content=True)}</p></aside><pre>{w.said("pip install x", content=True)}</pre>
        <dl><dt>{w.said("port", content=True)}</dt><dd>{w.sentence(content=True)}</dd></dl></section></div></div>
        <div class=sphinxsidebar><h3>Table of Contents</h3><ul>{w.links(9)}</ul></div></div>
        <div class=footer>© Copyright 2024. Created using Sphinx.</div>""",
    )


def directory(w: Words) -> str:
    """A page that is a list of links."""
    item = '<li><a href="https://{0}.example">{1}</a> – {2}</li>'
    items = "".join(
        item.format(number, w.title(content=True), w.sentence(content=True, most=70)) for number in range(25)
    )
    return _page(f"<h1>{w.said('Useful addresses', content=True)}</h1><ul>{items}</ul>")


def index(w: Words) -> str:
    """The front page of a blog: its teasers are all that there is."""
    card = "<article class=post-preview><h2><a href=/p>{}</a></h2><p>{}</p></article>".format
    cards = "".join(card(w.title(content=True), w.sentence(content=True)) for _ in range(10))
    return _page(f"<nav>{w.links(5)}</nav><div class=posts>{cards}</div>{_FOOT.format(w.links(3))}")


def timetable(w: Words) -> str:
    """Tables, and hardly a sentence."""
    rows = "".join(
        f"<tr><td>{w.said(f'Line {n}', content=True)}</td><td>{w.title(content=True)}</td><td>{w.said(f'{n}:45', content=True)}"
        "</td></tr>"
        for n in range(1, 20)
    )
    return _page(f"<div class=header>{w.links(5)}</div><h1>Departures</h1><table>{rows}</table>")


ARTICLES = (wordpress, broadcaster, table_layout, chinese_portal, hashed, ghost)
OTHERS = (forum, threads, questions, answers, manual, directory, index, timetable)
