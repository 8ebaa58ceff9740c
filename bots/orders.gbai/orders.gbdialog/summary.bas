' Says the order as it stands, and leaves its worth in `total`.

IF lines IS EMPTY THEN
    total = 0
    TALK "The order is empty."
    RETURN
END IF

sums = []
rows = []
FOR EACH line IN lines
    PUSH sums, line.amount * line.price
    PUSH rows, COUNT(sums) + ". ${line.amount} x ${line.name}: " + FORMAT(line.amount * line.price, "$ #,##0.00")
NEXT
total = ROUND(SUM(sums) * (1 - discount), 2)

IF discount THEN PUSH rows, "Less " + FORMAT(discount, "0%")
PUSH rows, "Total: " + FORMAT(total, "$ #,##0.00")
TALK JOIN(rows, "\n")
