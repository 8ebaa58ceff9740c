//! `random`: chance. A turn's random numbers all come from one seed, so that a test can fix them.

use sha2::{Digest, Sha256};
use uuid::Builder;

use super::{Turn, fault};
use crate::bindings::{Fault, random};

/// The most whole numbers that a number can count exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl random::Host for Turn {
    fn rnd(&mut self) -> wasmtime::Result<f64> {
        // As many bits as a number below 1 can have.
        Ok((self.chance.next() >> 11) as f64 / EXACT)
    }

    fn random(&mut self, low: f64, high: f64) -> wasmtime::Result<Result<f64, Fault>> {
        Ok(self.chance.between(low, high))
    }

    fn guid(&mut self) -> wasmtime::Result<String> {
        let (high, low) = (self.chance.next(), self.chance.next());
        let bytes = (u128::from(high) << 64 | u128::from(low)).to_be_bytes();
        Ok(Builder::from_random_bytes(bytes).into_uuid().to_string())
    }
}

/// A stream of random numbers: SHA-256 of a seed and a counter, so that nobody can tell the next from those before.
pub(super) struct Chance {
    seed: [u8; 32],
    drawn: u64,
}

impl Chance {
    pub fn new(seed: [u8; 32]) -> Chance {
        Chance { seed, drawn: 0 }
    }

    fn next(&mut self) -> u64 {
        let hash = Sha256::new()
            .chain_update(self.seed)
            .chain_update(self.drawn.to_be_bytes())
            .finalize();
        self.drawn += 1;
        hash.iter()
            .take(8)
            .fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// A whole number between the bounds, both included.
    fn between(&mut self, low: f64, high: f64) -> Result<f64, Fault> {
        let (first, last) = (low.ceil(), high.floor());
        let count = last - first + 1.0;
        if !(1.0..=EXACT).contains(&count) || first.abs() > EXACT || last.abs() > EXACT {
            return Err(fault(
                "bad-range",
                "RANDOM needs a whole number between its first and its second number.",
            ));
        }
        let count = count as u64;
        // Numbers from here on would make some results likelier than others.
        let even = u64::MAX - u64::MAX % count;
        loop {
            let number = self.next();
            if number < even {
                return Ok(first + (number % count) as f64 + 0.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_all_numbers() {
        let draw = |seed: u8| {
            let mut chance = Chance::new([seed; 32]);
            (0..100).map(|_| chance.next()).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn a_dice_has_six_sides_and_no_favourite() {
        let mut chance = Chance::new([3; 32]);
        let mut seen = [0; 7];
        for _ in 0..6_000 {
            seen[chance.between(1.0, 6.0).unwrap() as usize] += 1;
        }
        assert_eq!(seen[0], 0);
        assert!(
            seen[1..].iter().all(|count| (800..1200).contains(count)),
            "{seen:?}"
        );
    }

    #[test]
    fn bounds_are_whole_and_in_order() {
        let mut chance = Chance::new([4; 32]);
        assert_eq!(chance.between(2.5, 3.5).unwrap(), 3.0);
        assert_eq!(chance.between(-5.0, -5.0).unwrap(), -5.0);
        for (low, high) in [(2.0, 1.0), (0.2, 0.8), (0.0, 1e300), (1e300, 1e300)] {
            assert_eq!(chance.between(low, high).unwrap_err().code, "bad-range");
        }
    }
}
