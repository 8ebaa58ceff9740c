total = 0
FOR i = 1 TO 1000000
    IF i MOD 3 = 0 THEN
        total = total + i * 2
    ELSE
        total = total - i
    END IF
NEXT
TALK total
