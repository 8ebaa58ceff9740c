text = ""
FOR i = 1 TO 2000
    text = text + "the quick brown fox " + i MOD 100 + " jumps over the lazy dog and the cat "
NEXT
counts = {}
FOR EACH word IN SPLIT(text, " ")
    IF word IN counts THEN
        counts[word] = counts[word] + 1
    ELSE
        counts[word] = 1
    END IF
NEXT
TALK counts["the"] + counts["fox"] + counts["7"] + COUNT(counts)
