"""The words around backups, and around starting Footnote again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BackupsWords:
    """The words of one language. ``{}`` fields are filled in by name."""

    backups: str
    none: str
    of: str
    """A backup, by ``{when}`` it was made and how many ``{documents}`` are in it."""
    of_one: str
    back_up: str
    backing_up: str
    restore: str
    restore_of: str
    """What the button is called for who does not see the list."""
    confirm_restore: str
    restore_act: str
    verifying: str
    restart: str
    restart_hint: str
    restarting: str
    not_back: str
    cancel: str
    connection_lost: str
    something_wrong: str


EN = BackupsWords(
    backups="Backups",
    none="There is none yet.",
    of="{when}, {documents} documents",
    of_one="{when}, one document",
    back_up="Back up now",
    backing_up="The library is being backed up …",
    restore="Restore…",
    restore_of="Restore the backup of {when}",
    confirm_restore="Go back to {what}? The backup is verified first, then Footnote starts again with it. What is in "
    "the library now is kept in the data folder, in a folder called “replaced” and the time.",
    restore_act="Restore and start again",
    verifying="The backup is being verified …",
    restart="Start again",
    restart_hint="Some settings count once Footnote is started again.",
    restarting="Footnote is starting again …",
    not_back="Footnote did not come back. Look at the window in which it runs.",
    cancel="Cancel",
    connection_lost="No connection to Footnote. Try again in a moment.",
    something_wrong="Something went wrong inside Footnote; its log says what.",
)

ZH = BackupsWords(
    backups="备份",
    none="还没有备份。",
    of="{when}，{documents} 个文档",
    of_one="{when}，一个文档",
    back_up="立即备份",
    backing_up="正在备份文档库……",
    restore="恢复……",
    restore_of="恢复 {when} 的备份",
    confirm_restore="要恢复到 {what} 吗？会先校验备份，然后 Footnote 以它重新启动。"
    "当前文档库的内容会保留在数据文件夹中一个以时间命名的文件夹里。",
    restore_act="恢复并重新启动",
    verifying="正在校验备份……",
    restart="重新启动",
    restart_hint="有些设置要在 Footnote 重新启动后才生效。",
    restarting="Footnote 正在重新启动……",
    not_back="Footnote 没有恢复运行。请查看运行它的窗口。",
    cancel="取消",
    connection_lost="无法连接 Footnote，请稍后重试。",
    something_wrong="Footnote 内部出了问题，日志里有说明。",
)
