' The questions, in order. A `rating` is a number of 1 to 5, an `open choice` takes anything else too.

questions = [
    #{ key: "often", title: "How often", kind: "choice", text: "How often do you come here?",
       options: ["First time", "Now and then", "Every week"] },
    #{ key: "found", title: "Found us", kind: "open choice", text: "How did you find us?",
       options: ["A friend", "The web", "Passing by"] },
    #{ key: "stars", title: "Stars", kind: "rating", text: "How many stars do we get, from 1 to 5?" },
    #{ key: "else", title: "Anything else", kind: "text", text: "Is there anything else you would like to say?" },
]
