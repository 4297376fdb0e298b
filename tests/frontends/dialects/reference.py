"""The line parser again, naive and slow: one line of bytes, character by character."""


def words_of(line: str) -> list[str]:
    words: list[str] = []
    word = ""
    quoted = False
    text = ""
    for char in line + " ":
        if char != " ":
            word += char
            continue
        if word == "'":
            if quoted:
                text += " '"
                text = text[1 : len(text) - 1]
                words.append(text)
                quoted = False
            else:
                quoted = True
                text = "'"
        elif word.startswith("'"):
            if word.endswith("'"):
                words.append(word[1 : len(word) - 1])
            else:
                quoted = True
                text = word
        elif word.endswith("'"):
            text += " " + word
            text = text[1 : len(text) - 1]
            words.append(text)
            quoted = False
        elif quoted:
            text += " " + word
        else:
            words.append(word)
        word = ""
    return words
