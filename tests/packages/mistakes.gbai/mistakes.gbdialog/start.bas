' Ten lines, ten different mistakes.
TALK 1 + * 2
x = 1e999
TALK "a" @ "b"
SEND MAIL "ann@example.com", "Hello", "How are you?"
NEXT
BREAK
y = grete(1)
CALL "missing"
greet(1, 2, 3)
TALK LEFT()

SUB greet(name)
    TALK "Hello " + name
END SUB
