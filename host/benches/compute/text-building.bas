text = ""
FOR i = 1 TO 200000
    text = text + i + ","
    IF i MOD 10 = 0 THEN text = text + "line\n"
NEXT
TALK LEN(text)
