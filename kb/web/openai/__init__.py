"""OpenAI's protocol, for programs that speak it: answers from the documents, vectors, scores, files and searches."""
