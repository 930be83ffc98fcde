"""What each route of the API does, in a few words: for the description in English, for its page in Chinese, too."""

from __future__ import annotations

_LINES = """
GET /api/documents | List and search documents | 列出并查找文档
POST /api/documents | Add a file | 添加文件
GET /api/events | Follow which imports end | 持续接收导入结束的消息
GET /api/filters | List what questions can be narrowed to | 列出可用来缩小提问范围的条件
GET /api/documents/{document_id} | Show a document | 查看文档
GET /api/documents/{document_id}/passages | Read the passages of a document | 阅读文档的段落
GET /api/documents/{document_id}/find | Find words in a document | 在文档中查找文字
PATCH /api/documents/{document_id} | Tag a document, or leave it out of searches | 为文档加标签，或将其排除在检索之外
DELETE /api/documents/{document_id} | Delete a document | 删除文档
GET /documents/{document_id}/original | Download the file as it was added | 下载原始文件
GET /documents/{document_id}/view | Open a PDF in the browser | 在浏览器中打开 PDF
GET /documents/{document_id}/pages/{page}.png | Draw a page, with passages marked | 绘制页面并标出段落
POST /api/documents/{document_id}/cancel | End an import | 取消导入
POST /api/documents/{document_id}/pause | Pause an import | 暂停导入
POST /api/documents/{document_id}/resume | Go on with an import | 继续导入
POST /api/documents/{document_id}/retry | Try an import again | 重新导入
GET /api/ratings | List the answers that were rated | 列出已评价的回答
GET /api/answers/{request_id}/export | Save an answer with its footnotes | 导出回答及其脚注
POST /api/answers/{request_id}/rating | Rate an answer | 评价回答
DELETE /api/answers/{request_id}/rating | Take a rating back | 撤回评价
GET /api/documents/{document_id}/passage-edits | List the passages that were changed | 列出改动过的段落
POST /api/documents/{document_id}/passage-edits | Correct a passage, or leave it out | 更正或排除段落
DELETE /api/documents/{document_id}/passage-edits/{edit_id} | Take a change of a passage back | 撤回段落改动
GET /api/library/options | List what the library can be narrowed to | 列出可用来筛选文档库的条件
GET /api/library/causes | Group what failed by why | 按原因汇总失败的导入
POST /api/library/actions | Change many documents at once | 批量处理文档
POST /api/library/undo/{undo} | Undo a deletion or a move | 撤销删除或移动
GET /api/queue | Show how far the imports are | 查看导入进度
POST /api/queue/pause | Pause all imports | 暂停全部导入
POST /api/queue/resume | Go on with all imports | 继续全部导入
POST /api/queue/retry-failed | Try all failed imports again | 重试全部失败的导入
GET /api/search | Search by an address | 通过网址检索
POST /api/search | Search for passages | 检索段落
POST /api/ask | Ask a question, and stream the answer | 提问并逐步接收回答
GET /api/status | Show what there is and what answers | 查看文档库与模型的状态
GET /api/storage | Show how much you keep, and may | 查看已用空间与上限
GET /api/backups | List the backups | 列出备份
POST /api/backups | Make a backup | 创建备份
POST /api/backups/restore | Check a backup, and put it back with the next start | 检查备份，并在下次启动时恢复
POST /api/restart | Start Footnote again | 重新启动 Footnote
POST /api/check | Check the library, and repair it if wished | 检查文档库，并可修复
GET /api/notices | List what the owner should know | 列出给所有者的提示
DELETE /api/notices/{notice_id} | Put a notice away | 关闭提示
GET /api/vectors | Show where the vectors are | 查看向量的存放位置
POST /api/vectors/move | Move the vectors to another store | 将向量移到其他存储
GET /api/embedder | Show the embedding model, and what can be changed to | 查看嵌入模型及可更换的模型
POST /api/embedder/switch | Change to another embedding model | 更换嵌入模型
POST /api/embedder/undo | Go back to the embedding model before | 换回之前的嵌入模型
POST /api/embedder/forget | Delete the vectors of the model before | 删除之前模型的向量
GET /api/chunker | Show the length of passages, and what it can be changed to | 查看段落长度及可选的长度
POST /api/chunker/switch | Change the length of passages | 更改段落长度
POST /api/chunker/undo | Go back to the length before | 恢复之前的段落长度
POST /api/chunker/forget | Delete the passages of the length before | 删除之前长度的段落
GET /api/settings | List the settings | 列出设置
PATCH /api/settings | Change settings | 更改设置
GET /api/models/answering | List the models that can answer | 列出可用的回答模型
POST /api/models/test | Try a model out | 试用模型
GET /api/evaluations | List the evaluations | 列出评测
POST /api/evaluations | Begin an evaluation | 开始评测
DELETE /api/evaluations/running | Stop the evaluation that runs | 停止正在进行的评测
GET /api/evaluations/{evaluation_id} | Show an evaluation | 查看评测
DELETE /api/evaluations/{evaluation_id} | Delete an evaluation | 删除评测
GET /api/kept-questions | List the questions that are kept with their answers | 列出保存的问题
POST /api/kept-questions | Keep a question with the passage that answers it | 保存问题及回答它的段落
DELETE /api/kept-questions/{kept_id} | Delete a kept question | 删除保存的问题
GET /api/conversations | List conversations | 列出对话
GET /api/conversations/{conversation_id} | Read a conversation | 阅读对话
PATCH /api/conversations/{conversation_id} | Rename or pin a conversation | 重命名或置顶对话
GET /api/conversations/{conversation_id}/export | Save a conversation | 导出对话
DELETE /api/conversations/{conversation_id} | Delete a conversation | 删除对话
GET /api/requests/{request_id} | Show an answer as far as it is | 查看回答目前的内容
GET /api/requests/{request_id}/events | Stream an answer once more, from its beginning | 从头重新接收回答
POST /api/requests/{request_id}/cancel | Stop an answer | 停止回答
GET /api/log | Read the log of requests | 阅读请求日志
GET /api/log/export | Save the log of requests | 导出请求日志
GET /metrics | Counts and times, for Prometheus | 供 Prometheus 读取的指标
GET /v1/models | List the models | 列出模型
GET /v1/models/{model} | Show a model | 查看模型
POST /v1/chat/completions | Answer the last message of a chat from the documents | 根据文档回答对话的最后一条消息
POST /v1/embeddings | Compute vectors of texts | 计算文本的向量
POST /v1/rerank | Order texts by how well they fit a question | 按与问题的相关程度排列文本
GET /v1/files | List documents | 列出文档
POST /v1/files | Add a file | 添加文件
GET /v1/files/{file_id} | Show a document | 查看文档
DELETE /v1/files/{file_id} | Delete a document | 删除文档
GET /v1/files/{file_id}/content | Download the file as it was added | 下载原始文件
GET /v1/vector_stores | List the collections | 列出文集
GET /v1/vector_stores/{store_id} | Show a collection | 查看文集
POST /v1/vector_stores/{store_id}/search | Search a collection | 检索文集
GET /api/keys | List the keys | 列出密钥
POST /api/keys | Make a key | 创建密钥
DELETE /api/keys/{name} | End a key | 吊销密钥
GET /api/people | List the accounts | 列出账户
POST /api/people | Make an account | 创建账户
PATCH /api/people/{name} | Change an account | 更改账户
DELETE /api/people/{name} | Delete an account | 删除账户
GET /api/people/{name}/identities | List by which providers an account signs in | 列出账户的登录提供方
DELETE /api/people/{name}/identities | End that an account signs in by a provider | 取消账户的提供方登录
GET /api/groups | List the groups | 列出群组
POST /api/groups | Make a group, or add people to it | 创建群组，或加入成员
PATCH /api/groups/{name} | Change who is in a group | 更改群组成员
DELETE /api/groups/{name} | Delete a group | 删除群组
GET /api/collections/{collection}/shares | List with whom a collection is shared | 列出文集的共享对象
PUT /api/collections/{collection}/shares | Share a collection | 共享文集
DELETE /api/collections/{collection}/shares | End the sharing of a collection | 停止共享文集
"""


def _read(lines: str) -> dict[tuple[str, str], tuple[str, str]]:
    parts = [line.split(" | ") for line in lines.strip().splitlines()]
    return {
        (route.split()[0].lower(), route.split()[1]): (english, chinese) for route, english, chinese in parts
    }


SUMMARIES = _read(_LINES)
"""(method, path) -> the words in English and in Chinese."""
