//! Whose tokens these were a moment ago. Nobody is let in by that: a turn that begins with it asks the database when it commits.

use std::time::Duration;

use crate::store::Credentials;

/// The most tokens that are remembered, at some 200 bytes each.
const MOST: u64 = 1 << 16;
/// How long one is remembered that is not used.
const LIFETIME: Duration = Duration::from_secs(600);

/// Credentials by the hashes of tokens.
pub struct Tokens(moka::sync::Cache<[u8; 32], Credentials>);

impl Default for Tokens {
    fn default() -> Self {
        let tokens = moka::sync::Cache::builder().max_capacity(MOST);
        Tokens(tokens.time_to_idle(LIFETIME).build())
    }
}

impl Tokens {
    /// Remembers whose token it is.
    pub fn meet(&self, token_hash: [u8; 32], who: &Credentials) {
        self.0.insert(token_hash, who.clone());
    }

    /// Whose it was.
    pub fn recall(&self, token_hash: &[u8; 32]) -> Option<Credentials> {
        self.0.get(token_hash)
    }

    /// The database says that it is nobody's.
    pub fn forget(&self, token_hash: &[u8; 32]) {
        self.0.invalidate(token_hash);
    }
}
