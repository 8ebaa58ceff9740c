//! `time`: dates and times, and the clock of the turn.

mod duration;
mod moment;

use jiff::civil::{Date, Time};
use jiff::{Span, Unit as Step, Zoned};

use super::{Turn, fault};
use crate::bindings::{Fault, Node, time};
use crate::value::{Value, shortened};

pub(super) use duration::{Duration, Unit};
pub(super) use moment::{Customs, Moment, Unread};

/// Characters of a text that a message shows.
const SHOWN: usize = 60;

impl time::Host for Turn {
    fn now(&mut self) -> wasmtime::Result<String> {
        Ok(date_time(&self.world.now))
    }

    fn today(&mut self) -> wasmtime::Result<String> {
        Ok(self.world.now.date().to_string())
    }

    fn time_of_day(&mut self) -> wasmtime::Result<String> {
        Ok(Moment::Time(self.world.now.time()).to_string())
    }

    fn make_date(
        &mut self,
        year: f64,
        month: f64,
        day: f64,
    ) -> wasmtime::Result<Result<String, Fault>> {
        Ok(made_date(year, month, day).map(|date| date.to_string()))
    }

    fn date_value(&mut self, date: String) -> wasmtime::Result<Result<String, Fault>> {
        Ok(self.read_date(&date).map(|date| date.to_string()))
    }

    fn time_value(&mut self, date: String) -> wasmtime::Result<Result<String, Fault>> {
        let time = self.read_moment(&date).map(|moment| moment.time());
        Ok(time.map(|time| Moment::Time(time).to_string()))
    }

    fn is_date(&mut self, value: String) -> wasmtime::Result<bool> {
        let read = self.customs().read(&value);
        Ok(read.is_ok_and(|moment| moment.date().is_some()))
    }

    fn year(&mut self, date: String) -> wasmtime::Result<Result<f64, Fault>> {
        Ok(self.part_of_date(&date, |date| f64::from(date.year())))
    }

    fn month(&mut self, date: String) -> wasmtime::Result<Result<f64, Fault>> {
        Ok(self.part_of_date(&date, |date| f64::from(date.month())))
    }

    fn day(&mut self, date: String) -> wasmtime::Result<Result<f64, Fault>> {
        Ok(self.part_of_date(&date, |date| f64::from(date.day())))
    }

    fn hour(&mut self, date: String) -> wasmtime::Result<Result<f64, Fault>> {
        Ok(self.part_of_time(&date, |time| time.hour()))
    }

    fn minute(&mut self, date: String) -> wasmtime::Result<Result<f64, Fault>> {
        Ok(self.part_of_time(&date, |time| time.minute()))
    }

    fn second(&mut self, date: String) -> wasmtime::Result<Result<f64, Fault>> {
        Ok(self.part_of_time(&date, |time| time.second()))
    }

    fn weekday(&mut self, date: String) -> wasmtime::Result<Result<f64, Fault>> {
        Ok(self.part_of_date(&date, |date| {
            f64::from(date.weekday().to_sunday_one_offset())
        }))
    }

    fn date_add(
        &mut self,
        date: Vec<Node>,
        amount: Vec<Node>,
        unit: Vec<Node>,
    ) -> wasmtime::Result<Result<String, Fault>> {
        Ok(self.added([date, amount, unit]))
    }

    fn date_diff(
        &mut self,
        start: String,
        end: String,
        unit: Option<String>,
    ) -> wasmtime::Result<Result<f64, Fault>> {
        Ok(self.difference(&start, &end, unit.as_deref()))
    }

    fn end_of_month(
        &mut self,
        date: String,
        months: Option<f64>,
    ) -> wasmtime::Result<Result<String, Fault>> {
        Ok(self.month_end(&date, months.unwrap_or(0.0)))
    }

    fn years(&mut self, count: f64) -> wasmtime::Result<Result<Vec<Node>, Fault>> {
        Ok(span(Unit::Year, count))
    }

    fn months(&mut self, count: f64) -> wasmtime::Result<Result<Vec<Node>, Fault>> {
        Ok(span(Unit::Month, count))
    }

    fn weeks(&mut self, count: f64) -> wasmtime::Result<Result<Vec<Node>, Fault>> {
        Ok(span(Unit::Week, count))
    }

    fn days(&mut self, count: f64) -> wasmtime::Result<Result<Vec<Node>, Fault>> {
        Ok(span(Unit::Day, count))
    }

    fn hours(&mut self, count: f64) -> wasmtime::Result<Result<Vec<Node>, Fault>> {
        Ok(span(Unit::Hour, count))
    }

    fn minutes(&mut self, count: f64) -> wasmtime::Result<Result<Vec<Node>, Fault>> {
        Ok(span(Unit::Minute, count))
    }

    fn seconds(&mut self, count: f64) -> wasmtime::Result<Result<Vec<Node>, Fault>> {
        Ok(span(Unit::Second, count))
    }

    fn shift(
        &mut self,
        left: Vec<Node>,
        right: Vec<Node>,
        minus: bool,
    ) -> wasmtime::Result<Result<Vec<Node>, Fault>> {
        let values = Value::from_nodes(left).and_then(|left| Ok((left, Value::from_nodes(right)?)));
        Ok(match values {
            Ok((left, right)) => (self.shifted(&left, &right, minus)).map(|sum| sum.to_nodes()),
            // Whatever it is, it is no time span; who asked finds out.
            Err(_) => Ok(Value::Nil.to_nodes()),
        })
    }
}

impl Turn {
    /// How this bot reads dates.
    pub(super) fn customs(&self) -> Customs {
        let zone = self.world.now.time_zone().clone();
        Customs::new(zone, &self.world.language)
    }

    fn read_moment(&self, text: &str) -> Result<Moment, Fault> {
        (self.customs().read(text)).map_err(|unread| not_read(text, unread))
    }

    fn read_date(&self, text: &str) -> Result<Date, Fault> {
        let moment = self.read_moment(text)?;
        moment.date().ok_or_else(|| no_date_in(text))
    }

    fn part_of_date(&self, text: &str, part: impl Fn(Date) -> f64) -> Result<f64, Fault> {
        self.read_date(text).map(part)
    }

    fn part_of_time(&self, text: &str, part: impl Fn(Time) -> i8) -> Result<f64, Fault> {
        let moment = self.read_moment(text)?;
        Ok(f64::from(part(moment.time())))
    }

    /// DATEADD, whose arguments are told apart by what they are.
    fn added(&self, arguments: [Vec<Node>; 3]) -> Result<String, Fault> {
        let [first, second, third] = arguments.map(text_of);
        let (first, second, third) = (first?, second?, third?);
        let named = [&third, &first, &second].map(|text| Unit::named(text));
        let (date, amount, unit) = match named {
            [Some(unit), _, _] => (first, second, unit),
            [_, Some(unit), _] => (third, second, unit),
            [_, _, Some(unit)] => (first, third, unit),
            [None, None, None] => return Err(no_unit(&third)),
        };
        let count = super::number::parse(&amount).ok_or_else(|| {
            let message = format!(
                "DATEADD needs a number of units, not \"{}\".",
                shortened(&amount, SHOWN)
            );
            fault("not-a-number", message)
        })?;
        let duration = unit.times(count).ok_or_else(|| bad_count(count))?;
        self.moved(&date, &duration)
    }

    fn moved(&self, text: &str, duration: &Duration) -> Result<String, Fault> {
        let moment = self.read_moment(text)?;
        if moment.date().is_none() {
            return Err(no_date_in(text));
        }
        let moved = moment.shifted(duration, &self.customs());
        moved
            .map(|moved| moved.to_string())
            .ok_or_else(out_of_range)
    }

    fn difference(&self, start: &str, end: &str, unit: Option<&str>) -> Result<f64, Fault> {
        let Some(last) = unit else {
            let days = self.whole_units(start, end, Unit::Day)?;
            return Ok(days.abs());
        };
        match (Unit::named(last), Unit::named(start)) {
            (Some(unit), _) => self.whole_units(start, end, unit),
            (None, Some(unit)) => self.whole_units(end, last, unit),
            (None, None) => Err(no_unit(last)),
        }
    }

    fn whole_units(&self, start: &str, end: &str, unit: Unit) -> Result<f64, Fault> {
        let (from, to) = (self.read_moment(start)?, self.read_moment(end)?);
        let days_only = matches!(from, Moment::Date(_)) || matches!(to, Moment::Date(_));
        let step = match unit {
            Unit::Year | Unit::Quarter | Unit::Month => Step::Month,
            Unit::Week | Unit::Day => Step::Day,
            Unit::Hour | Unit::Minute | Unit::Second => Step::Second,
        };
        let span = match (&from, &to) {
            (Moment::Time(from), Moment::Time(to)) => from.until((Step::Second, *to)),
            _ => {
                let zone = self.customs().zone().clone();
                let begin = |moment: &Moment, text| {
                    let moment = match moment.date() {
                        Some(date) if days_only && step != Step::Second => Moment::Date(date),
                        _ => moment.clone(),
                    };
                    moment.begin(&zone).ok_or_else(|| no_date_in(text))
                };
                begin(&from, start)?.until((step, &begin(&to, end)?))
            }
        };
        let span = span.map_err(|_| out_of_range())?;
        let steps = match step {
            Step::Month => i64::from(span.get_months()),
            Step::Day => i64::from(span.get_days()),
            _ => span.get_seconds(),
        };
        Ok((steps / unit.length()) as f64)
    }

    fn month_end(&self, text: &str, months: f64) -> Result<String, Fault> {
        let date = self.read_date(text)?;
        let duration = Unit::Month.times(months).ok_or_else(|| bad_count(months))?;
        let end = (Span::new().try_months(duration.months))
            .and_then(|months| date.first_of_month().checked_add(months));
        let end = end.ok().map(Date::last_of_month);
        let end = end.filter(|date| moment::in_range(*date));
        end.map(|date| date.to_string()).ok_or_else(out_of_range)
    }

    /// NULL if neither is a time span.
    fn shifted(&self, left: &Value, right: &Value, minus: bool) -> Result<Value, Fault> {
        match (Duration::from_value(left), Duration::from_value(right)) {
            (None, None) => Ok(Value::Nil),
            (Some(left), Some(right)) => {
                let right = if minus { right.reversed() } else { right };
                let sum = left.plus(right).ok_or_else(too_long)?;
                Ok(sum.to_value())
            }
            (None, Some(duration)) => {
                let duration = if minus { duration.reversed() } else { duration };
                self.moved_value(left, &duration)
            }
            (Some(duration), None) if !minus => self.moved_value(right, &duration),
            // From a time span only another one can be taken: whoever asked says so.
            (Some(_), None) => Ok(Value::Nil),
        }
    }

    fn moved_value(&self, date: &Value, duration: &Duration) -> Result<Value, Fault> {
        self.moved(&date.to_text(), duration).map(Value::Text)
    }
}

/// ISO 8601 to the second, as people on the spot read it.
pub(super) fn date_time(moment: &Zoned) -> String {
    Moment::At(moment.clone()).to_string()
}

fn made_date(year: f64, month: f64, day: f64) -> Result<Date, Fault> {
    let part = |number: f64| (number.fract() == 0.0).then_some(number as i16);
    let small = |number| part(number).and_then(|part| i8::try_from(part).ok());
    let date = part(year)
        .zip(small(month))
        .zip(small(day))
        .and_then(|((year, month), day)| Date::new(year, month, day).ok());
    date.filter(|date| moment::in_range(*date)).ok_or_else(|| {
        let message = format!("There is no date with year {year}, month {month} and day {day}.");
        fault("not-a-date", message)
    })
}

fn span(unit: Unit, count: f64) -> Result<Vec<Node>, Fault> {
    let duration = unit.times(count).ok_or_else(|| bad_count(count))?;
    Ok(duration.to_value().to_nodes())
}

fn text_of(nodes: Vec<Node>) -> Result<String, Fault> {
    match Value::from_nodes(nodes) {
        Ok(value @ (Value::Text(_) | Value::Number(_))) => Ok(value.to_text()),
        _ => Err(fault(
            "wrong-kind",
            "DATEADD needs a date, a number and a unit.",
        )),
    }
}

fn not_read(text: &str, unread: Unread) -> Fault {
    let text = shortened(text, SHOWN);
    match unread {
        Unread::NoDate => fault(
            "not-a-date",
            format!(
                "\"{text}\" is not a date; one is written as 2026-12-31 or 2026-12-31T18:30:00."
            ),
        ),
        Unread::Ambiguous => fault(
            "ambiguous-date",
            format!(
                "\"{text}\" may have the day first or the month; write it as 2026-12-31, \
                 or set the bot's language to en-US or en-GB."
            ),
        ),
    }
}

fn no_date_in(text: &str) -> Fault {
    let message = format!(
        "\"{}\" is a time of day without a date.",
        shortened(text, SHOWN)
    );
    fault("not-a-date", message)
}

fn no_unit(text: &str) -> Fault {
    let message = format!(
        "\"{}\" is not a unit of time; those are year, quarter, month, week, day, hour, minute and second.",
        shortened(text, SHOWN)
    );
    fault("not-a-unit", message)
}

fn bad_count(count: f64) -> Fault {
    let message = format!(
        "{count} is too much, or has a fraction where only whole days, weeks, months or years count."
    );
    fault("bad-count", message)
}

fn too_long() -> Fault {
    fault(
        "out-of-range",
        "The time span would be longer than from the first date to the last.",
    )
}

fn out_of_range() -> Fault {
    fault(
        "out-of-range",
        "The date would be before the year 1 or after 9999.",
    )
}
