//! The secret that opens a session.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::{clock, error::Error};

/// 32 bytes of the operating system's randomness. Only its hash is ever kept, and it never prints itself.
#[derive(Clone)]
pub struct Token([u8; 32]);

impl Token {
    /// A new one.
    pub fn generate() -> Result<Token, Error> {
        clock::random()
            .map(Token)
            .map_err(|error| Error::Internal(format!("no randomness: {error}")))
    }

    /// Reads the 43 characters that a client sends.
    pub fn parse(text: &str) -> Option<Token> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Token)
    }

    /// The 43 characters that the client is given, once.
    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What the database knows it by: SHA-256 of its bytes.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_43_characters_there_and_back() {
        let token = Token::generate().expect("randomness");
        let text = token.reveal();
        assert_eq!(text.len(), 43);
        assert!(
            text.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)),
            "{text}"
        );
        assert_eq!(
            Token::parse(&text).map(|token| token.hash()),
            Some(token.hash())
        );
        assert_ne!(Token::generate().expect("randomness").reveal(), text);
        assert!(!format!("{token:?}").contains(&text));
    }

    #[test]
    fn other_texts_are_no_tokens() {
        for text in ["", "x", &"A".repeat(42), &"A".repeat(44), &"+".repeat(43)] {
            assert!(Token::parse(text).is_none(), "{text}");
        }
    }
}
