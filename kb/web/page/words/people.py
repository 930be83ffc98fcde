"""The words around people who share a library: accounts and groups in the settings, sharing in the library."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PeopleWords:
    """The words of one language. ``{}`` fields are filled in by name."""

    share: str
    who_sees: str
    who_sees_it: str
    share_hint: str
    shared_with_nobody: str
    with_whom: str
    as_what: str
    do_share: str
    end: str
    end_for: str
    close: str
    group: str
    reader: str
    editor: str
    owner: str
    people_hint: str
    name: str
    role: str
    role_of: str
    last_seen: str
    never: str
    add_person: str
    new_person: str
    made: str
    new_password: str
    new_password_of: str
    new_password_for: str
    password_changed: str
    remove: str
    remove_of: str
    confirm_remove: str
    groups: str
    no_groups: str
    nobody: str
    add_group: str
    new_group: str
    members: str
    members_of: str
    change: str
    change_of: str
    confirm_remove_group: str
    collections: str
    collection: str
    cancel: str
    save: str
    connection_lost: str
    something_wrong: str


EN = PeopleWords(
    share="Share…",
    who_sees="Who sees {collection}",
    who_sees_it="Who sees it…",
    share_hint="Whom you share a collection with finds its documents in searches and answers. An editor may change "
    "them, too. Owners see every collection.",
    shared_with_nobody="It is shared with nobody.",
    with_whom="Person or group",
    as_what="As",
    do_share="Share",
    end="Remove",
    end_for="Stop sharing with {name}",
    close="Close",
    group="group",
    reader="reader",
    editor="editor",
    owner="owner",
    people_hint="A reader searches and asks in what is shared with them. An editor has collections of their own, too. "
    "An owner sees and runs the whole library.",
    name="Name",
    role="Role",
    role_of="Role of {name}",
    last_seen="Last seen",
    never="never",
    add_person="Add a person",
    new_person="Name of the new person",
    made="{name} can sign in with this password. It is shown this once; they can change it on the page “Account”.",
    new_password="New password",  # noqa: S106  # a label
    new_password_of="New password for {name}",  # noqa: S106
    new_password_for="The new password of {name}, 8 characters or more. It ends their sessions.",  # noqa: S106
    password_changed="{name} has a new password, and is signed out everywhere.",  # noqa: S106
    remove="Remove",
    remove_of="Remove {name}",
    confirm_remove="Remove the account of {name}? Their conversations, keys and what they shared go for good. The "
    "documents of their collections stay.",
    groups="Groups",
    no_groups="There is no group yet.",
    nobody="nobody",
    add_group="Add a group",
    new_group="Name of the new group",
    members="Members, with commas between them",
    members_of="The members of {name}, with commas between them",
    change="Change",
    change_of="Change the group {name}",
    confirm_remove_group="Remove the group {name}? What is shared with it is shared with its members no more.",
    collections="Collections",
    collection="Collection",
    cancel="Cancel",
    save="Save",
    connection_lost="No connection to Footnote. Try again in a moment.",
    something_wrong="Something went wrong inside Footnote; its log says what.",
)

ZH = PeopleWords(
    share="共享……",
    who_sees="谁能看到 {collection}",
    who_sees_it="谁能看到……",
    share_hint="与你共享文集的人，可以在检索和回答中找到其中的文档。编辑者还可以修改它们。所有者能看到全部文集。",
    shared_with_nobody="没有与任何人共享。",
    with_whom="个人或群组",
    as_what="身份",
    do_share="共享",
    end="移除",
    end_for="停止与 {name} 共享",
    close="关闭",
    group="群组",
    reader="读者",
    editor="编辑者",
    owner="所有者",
    people_hint="读者可检索与其共享的内容并提问。编辑者还可拥有自己的文集。所有者可查看并管理整个文档库。",
    name="名称",
    role="角色",
    role_of="{name} 的角色",
    last_seen="上次使用",
    never="从未",
    add_person="添加账户",
    new_person="新账户的名称",
    made="{name} 可以用这个密码登录。它只显示这一次；对方可在“账户”页面修改。",
    new_password="新密码",  # noqa: S106
    new_password_of="为 {name} 设置新密码",  # noqa: S106
    new_password_for="{name} 的新密码，至少 8 个字符。其所有会话将结束。",  # noqa: S106
    password_changed="{name} 有了新密码，并已在所有设备上退出登录。",  # noqa: S106
    remove="移除",
    remove_of="移除 {name}",
    confirm_remove="要移除 {name} 的账户吗？其对话、密钥和共享将被永久删除。其文集中的文档会保留。",
    groups="群组",
    no_groups="还没有群组。",
    nobody="没有成员",
    add_group="添加群组",
    new_group="新群组的名称",
    members="成员，用逗号分隔",
    members_of="{name} 的成员，用逗号分隔",
    change="修改",
    change_of="修改群组 {name}",
    confirm_remove_group="要移除群组 {name} 吗？与它共享的内容不再与其成员共享。",
    collections="文集",
    collection="文集",
    cancel="取消",
    save="保存",
    connection_lost="无法连接 Footnote，请稍后重试。",
    something_wrong="Footnote 内部出了问题，日志里有说明。",
)
