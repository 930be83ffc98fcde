"""What the pages say on which people sign in and look after their account."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccountWords:
    """The words of one language; ``{}`` are filled in by name."""

    language: str
    """As in the attribute ``lang`` of HTML."""
    sign_in: str
    name: str
    password: str
    first_title: str
    first_hint: str
    code: str
    make_owner: str
    wrong: str
    wrong_code: str
    wrong_old: str
    wrong_password: str
    too_many: str
    account: str
    back: str
    role_reader: str
    role_editor: str
    role_owner: str
    change_password: str
    old_password: str
    new_password: str
    change: str
    changed: str
    sessions: str
    sign_out: str
    sign_out_everywhere: str
    shared: str
    shared_hint: str
    nothing_shared: str
    collection: str
    with_whom: str
    as_what: str
    as_reader: str
    as_editor: str
    share: str
    unshare: str
    is_shared: str
    is_unshared: str
    sign_in_with: str
    or_password: str
    connect: str
    connected: str
    only_way: str
    disconnect: str
    disconnected: str
    prove_again: str
    signed_out: str
    sign_out_there: str
    broken_off: str
    storage: str
    storage_used: str
    delete_account: str
    delete_hint: str
    confirm_name: str
    not_allowed: str


EN = AccountWords(
    language="en",
    sign_in="Sign in",
    name="Name",
    password="Password",  # noqa: S106  # a label
    first_title="Make the owner's account",
    first_hint="Nobody has an account yet. The code stands in the terminal in which Footnote was started.",
    code="Code",
    make_owner="Make the account",
    wrong="The name or the password is wrong.",
    wrong_code="The code is wrong. It stands in the terminal in which Footnote was started.",
    wrong_old="The old password is wrong.",
    wrong_password="The password is wrong.",  # noqa: S106
    too_many="Too many tries. Wait a few minutes, then try again.",
    account="Account",
    back="Back to the documents",
    role_reader="Reads what is shared with them",
    role_editor="Has collections of their own, and shares them",
    role_owner="Sees and runs the whole library",
    change_password="Change the password",  # noqa: S106
    old_password="Old password",  # noqa: S106
    new_password="New password, 8 characters or more",  # noqa: S106
    change="Change",
    changed="The password is changed. You are signed out on all other devices.",
    sessions="Signed in on this device",
    sign_out="Sign out",
    sign_out_everywhere="Sign out on all devices",
    shared="Shared collections",
    shared_hint="Whom you share a collection with finds its documents in searches and answers. An editor may change "
    "them, too.",
    nothing_shared="Nothing is shared.",
    collection="Collection",
    with_whom="Person or group",
    as_what="As",
    as_reader="reader",
    as_editor="editor",
    share="Share",
    unshare="End sharing",
    is_shared="The collection is shared.",
    is_unshared="The collection is no longer shared.",
    sign_in_with="Sign in with {name}",
    or_password="or with a password",  # noqa: S106
    connect="Sign in with {name} from now on, too",
    connected="You can sign in with {name}.",
    only_way="It is the only way into this account: an owner can give it a password.",
    disconnect="No longer sign in with {name}",
    disconnected="Nobody signs in to this account so any more, and whoever had done so is signed out.",
    prove_again="This was too long ago, or is not of this page. Sign out and in again, then try once more.",
    signed_out="You are signed out of Footnote.",
    sign_out_there="Sign out of {name}, too",
    broken_off="You did not sign in there. Try once more.",
    storage="Storage",
    storage_used="You keep {used} MB of the {most} MB that you may, on the page and with all your keys.",
    delete_account="Delete the account",
    delete_hint="Your conversations, keys and shares are deleted for good. The documents of your collections stay "
    "with the owner of the library.",
    confirm_name="The name of the account, to confirm it",
    not_allowed="This account may not do that.",
)

ZH = AccountWords(
    language="zh-CN",
    sign_in="登录",
    name="名称",
    password="密码",  # noqa: S106
    first_title="创建所有者账户",
    first_hint="还没有任何账户。代码显示在启动 Footnote 的终端里。",
    code="代码",
    make_owner="创建账户",
    wrong="名称或密码不正确。",
    wrong_code="代码不正确。代码显示在启动 Footnote 的终端里。",
    wrong_old="原密码不正确。",
    wrong_password="密码不正确。",  # noqa: S106
    too_many="尝试次数过多。请过几分钟再试。",
    account="账户",
    back="返回文档",
    role_reader="可阅读与其共享的内容",
    role_editor="拥有自己的文集，并可共享",
    role_owner="可查看并管理整个文档库",
    change_password="修改密码",  # noqa: S106
    old_password="原密码",  # noqa: S106
    new_password="新密码，至少 8 个字符",  # noqa: S106
    change="修改",
    changed="密码已修改。其他设备均已退出登录。",
    sessions="此设备已登录",
    sign_out="退出登录",
    sign_out_everywhere="在所有设备上退出登录",
    shared="共享的文集",
    shared_hint="与你共享文集的人，可以在检索和回答中找到其中的文档。编辑者还可以修改它们。",
    nothing_shared="没有共享任何内容。",
    collection="文集",
    with_whom="个人或群组",
    as_what="身份",
    as_reader="读者",
    as_editor="编辑者",
    share="共享",
    unshare="停止共享",
    is_shared="文集已共享。",
    is_unshared="文集已不再共享。",
    sign_in_with="使用 {name} 登录",
    or_password="或使用密码",  # noqa: S106
    connect="以后也使用 {name} 登录",
    connected="你可以使用 {name} 登录。",
    only_way="这是进入此账户的唯一方式：所有者可以为它设置密码。",
    disconnect="不再使用 {name} 登录",
    disconnected="此账户不再能这样登录，以这种方式登录的设备均已退出。",
    prove_again="时间已过，或链接不是来自此页面。请先退出并重新登录，然后再试。",
    signed_out="你已退出 Footnote。",
    sign_out_there="同时退出 {name}",
    broken_off="你没有在那里登录。请重试。",
    storage="存储空间",
    storage_used="你已占用 {used} MB，最多 {most} MB，包括页面上和所有密钥添加的内容。",
    delete_account="删除账户",
    delete_hint="你的对话、密钥和共享将被永久删除。你文集中的文档归文档库所有者保留。",
    confirm_name="请输入账户名称以确认",
    not_allowed="此账户不能这样做。",
)
