' What the tests of the server talk to: it says what it hears, and a few words make it do other things.
TALK "hello"
WHILE TRUE
  HEAR said
  IF said = "loop" THEN
    WHILE TRUE
    WEND
  ELSEIF said = "end" THEN
    EXIT
  ELSEIF said = "integer" THEN
    HEAR number AS INTEGER
    TALK "hello"
  ELSE
    IF said = "count" THEN
      SET BOT MEMORY "k", VAL("" + GET BOT MEMORY("k")) + 1
    END IF
    TALK said
  END IF
WEND
