seed = 42
records = []
FOR i = 1 TO 400
    seed = (seed * 1103 + 12345) MOD 65536
    PUSH records, { "name": "user" + i, "age": seed MOD 90, "score": seed }
NEXT
FOR i = 1 TO COUNT(records) - 1
    current = records[i]
    j = i - 1
    DO WHILE j >= 0
        IF records[j].score <= current.score THEN EXIT DO
        records[j + 1] = records[j]
        j = j - 1
    LOOP
    records[j + 1] = current
NEXT
TALK records[0].name + " " + records[399].name + " " + records[200].score
