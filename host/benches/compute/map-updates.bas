stock = {}
FOR i = 1 TO 200
    stock["item" + i] = 0
NEXT
FOR round = 1 TO 200
    FOR i = 1 TO 200
        stock["item" + i] = stock["item" + i] + round
    NEXT
NEXT
sum = 0
FOR EACH name IN stock
    sum = sum + stock[name]
NEXT
TALK sum
