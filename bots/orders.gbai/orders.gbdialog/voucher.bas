' Takes a voucher. Each counts once: the bot's memory knows which were used.

CONST vouchers = #{ WELCOME10: 0.1, FRIEND20: 0.2 }

HEAR code WITH "What does the voucher say?"
code = UCASE(TRIM(code))
TRY
    discount = worth(code)
    voucher = code
    TALK "Thank you: " + FORMAT(discount, "0%") + " off."
CATCH problem
    TALK "Sorry: ${problem.message}"
END TRY

' The part that a voucher takes off; throws why it takes off nothing.
FUNCTION worth(code)
    IF NOT vouchers[code] THEN THROW "I do not know the voucher ${code}."
    IF GET BOT MEMORY("voucher " + code) THEN THROW "the voucher ${code} was used before."
    RETURN vouchers[code]
END FUNCTION
