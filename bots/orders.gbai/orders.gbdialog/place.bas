' Places the order, if the person is sure of it. Sets `placed`.

placed = FALSE
CALL "summary"
IF lines IS EMPTY THEN RETURN

HEAR sure AS BOOLEAN WITH "Shall I place this order?" DEFAULT FALSE
IF NOT sure THEN RETURN

HEAR address AS EMAIL WITH "Where do I send the bill?"
IF address IS NULL THEN
    TALK "Without an e-mail address I cannot send the bill. The order waits."
    RETURN
END IF

' Somebody else may have used it since it was entered.
IF voucher THEN
    used = GET BOT MEMORY("voucher " + voucher)
    IF used IS NOT NULL THEN
        TALK "The voucher ${voucher} has been used in the meantime. The order waits without it."
        voucher = NULL
        discount = 0
        RETURN
    END IF
END IF

number = GET BOT MEMORY("orders")
IF number IS NULL THEN number = 0
number = number + 1
SET BOT MEMORY "orders", number
SET BOT MEMORY "order " + number, #{ lines: lines, discount: discount, total: total, address: address, day: TODAY() }
IF voucher THEN SET BOT MEMORY "voucher " + voucher, number

TALK "Placed as order ${FORMAT(number, "0000")}. The bill over ${FORMAT(total, "$ #,##0.00")} goes to ${address}."
placed = TRUE
