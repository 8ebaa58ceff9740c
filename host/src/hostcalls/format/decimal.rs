//! Numbers as decimal texts, rounded as people round.

/// `number` rounded to `digits` decimals (fewer than none: tens, hundreds …), as text that reads back.
pub(in crate::hostcalls) fn round(number: f64, digits: i32) -> String {
    let rounded = decimal(number.abs()).rounded(digits);
    let (whole, fraction) = rounded.parts();
    format!(
        "{}{whole:0>1}.{fraction:0<1}",
        if number < 0.0 { "-" } else { "" }
    )
}

/// A number that is not negative as its shortest decimal: 0.`digits` times ten to the `point`.
pub(super) struct Decimal {
    digits: String,
    point: i32,
}

pub(super) fn decimal(number: f64) -> Decimal {
    let scientific = format!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    Decimal {
        digits: digits.trim_end_matches('0').to_owned(),
        point: exponent.parse::<i32>().unwrap_or(0) + 1,
    }
}

impl Decimal {
    /// Rounded to `decimals` places behind the point, halves up.
    pub(super) fn rounded(mut self, decimals: i32) -> Decimal {
        let keep = self.point.saturating_add(decimals);
        if keep < 0 {
            return Decimal {
                digits: String::new(),
                point: 0,
            };
        }
        let keep = keep as usize;
        let Some(next) = self.digits.as_bytes().get(keep).copied() else {
            return self;
        };
        self.digits.truncate(keep);
        if next >= b'5' {
            let kept = self.digits.trim_end_matches('9').len();
            self.digits.truncate(kept);
            match self
                .digits
                .pop()
                .and_then(|digit| char::from_digit(digit.to_digit(10)? + 1, 10))
            {
                Some(digit) => self.digits.push(digit),
                None => {
                    self.digits.push('1');
                    self.point += 1;
                }
            }
        }
        self
    }

    /// Times ten to the `places`.
    pub(super) fn shifted(self, places: i32) -> Decimal {
        Decimal {
            point: self.point + places,
            ..self
        }
    }

    /// Whether all digits are zeros.
    pub(super) fn is_zero(&self) -> bool {
        self.digits.bytes().all(|digit| digit == b'0')
    }

    /// The digits before and behind the point; none before it for a number below one.
    pub(super) fn parts(&self) -> (String, String) {
        if self.is_zero() {
            return (String::new(), String::new());
        }
        if self.point <= 0 {
            return (
                String::new(),
                format!(
                    "{}{}",
                    "0".repeat(self.point.unsigned_abs() as usize),
                    self.digits
                ),
            );
        }
        let whole = self.digits.len().min(self.point as usize);
        let (before, behind) = self.digits.split_at(whole);
        (
            format!("{before:0<width$}", width = self.point as usize),
            behind.to_owned(),
        )
    }
}
