limit = 200000
composite = []
FOR i = 0 TO limit
    PUSH composite, FALSE
NEXT
primes = 0
FOR i = 2 TO limit
    IF NOT composite[i] THEN
        primes = primes + 1
        j = i * i
        WHILE j <= limit
            composite[j] = TRUE
            j = j + i
        WEND
    END IF
NEXT
TALK primes
