' Asks who this is, once in a conversation. Afterwards `cpf` is known, or the person would not say.

IF cpf THEN RETURN

HEAR nome AS NAME WITH "Qual é o seu nome completo?" DEFAULT "visitante"
HEAR cpf AS CPF WITH "Qual é o seu CPF?"
IF cpf IS NULL THEN
    TALK "Sem o CPF não consigo marcar. Se quiser, tente de novo mais tarde."
    RETURN
END IF
HEAR telefone AS PHONE WITH "Em que telefone avisamos você?" DEFAULT "não informado"
TALK "Obrigado, ${nome}."
