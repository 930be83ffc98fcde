// What can be done to one document over the API: each returns why it was refused, or null.

import { refusal, send } from "./common.js";

const documentAt = (id) => `/api/documents/${encodeURIComponent(id)}`;
export const control = async (id, act, words) => refusal(await send("POST", `${documentAt(id)}/${act}`), words);
export const remove = async (id, words) => refusal(await send("DELETE", documentAt(id)), words);
export const label = async (id, changes, words) => refusal(await send("PATCH", documentAt(id), changes), words);
export const putAway = async (id, words) => refusal(await send("DELETE", `/api/notices/${encodeURIComponent(id)}`), words);
