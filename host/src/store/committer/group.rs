//! The columns of a group, in the order in which `group.sql` numbers them.

use sqlx::{
    Encode, Postgres, Type,
    postgres::{PgArguments, PgHasArrayType},
    query::Query,
};

use crate::{
    message::Message,
    store::{Commit, Fault, StoreError, count, json_text, types::Time},
};

/// Arrays of the same length, one for each column of `rows`.
struct Columns<'g, R> {
    rows: &'g [R],
    query: Query<'static, Postgres, PgArguments>,
}

/// The statement that commits these turns.
pub fn bind(group: &[Commit]) -> Result<Query<'static, Postgres, PgArguments>, StoreError> {
    let turns = Columns {
        rows: group,
        query: sqlx::query(include_str!("group.sql")),
    };
    let turns = states(reports(turns)?);
    let said: Vec<(i64, &Commit, &Message)> = (0..)
        .zip(group)
        .flat_map(|(n, turn)| turn.messages.iter().map(move |message| (n, turn, message)))
        .collect();
    let messages = Columns {
        rows: &said,
        query: turns.query,
    };
    Ok(messages
        .each(|(n, ..)| *n)
        .each(|(_, turn, _)| turn.session)
        .each(|(_, turn, _)| count(turn.base + 1))
        .each(|(.., message)| count(message.seq))
        .each(|(.., message)| message.role.name())
        .each(|(.., message)| message.content.as_str())
        .each(|(.., message)| Time(message.timestamp))
        .try_each(|(.., message)| message.suggestions_json())?
        .each(|(.., message)| message.delay_ms.map(i64::from))
        .query)
}

fn reports(turns: Columns<'_, Commit>) -> Result<Columns<'_, Commit>, StoreError> {
    fn fault(turn: &Commit) -> Option<&Fault> {
        turn.report.fault.as_ref()
    }
    let places: Vec<i64> = (0..).take(turns.rows.len()).collect();
    let turns = Columns {
        query: turns.query.bind(places),
        ..turns
    };
    Ok(turns
        .each(|turn| turn.session)
        .each(|turn| count(turn.base))
        .each(|turn| Time(turn.now))
        .each(|turn| turn.message_id.as_deref())
        .each(|turn| turn.report.artefact.as_str())
        .each(|turn| turn.report.outcome)
        .try_each(|turn| turn.expects.as_ref().map(json_text).transpose())?
        .each(|turn| fault(turn).map(|fault| fault.error_id.as_str()))
        .each(|turn| fault(turn).map(|fault| fault.code.as_str()))
        .each(|turn| fault(turn).map(|fault| fault.message.as_str()))
        .each(|turn| fault(turn).map(|fault| fault.script.as_str()))
        .each(|turn| fault(turn).map(|fault| i64::from(fault.line)))
        .try_each(|turn| fault(turn).map(|fault| json_text(&fault.stack)).transpose())?
        .try_each(|turn| {
            fault(turn)
                .map(|fault| json_text(&fault.values))
                .transpose()
        })?
        .each(|turn| count(turn.report.fuel))
        .each(|turn| count(turn.report.peak_memory))
        .each(|turn| turn.report.elapsed_us())
        .each(|turn| turn.report.changed.as_str()))
}

fn states(turns: Columns<'_, Commit>) -> Columns<'_, Commit> {
    turns
        .each(|turn| i64::from(turn.standing.tries))
        .each(|turn| i64::from(turn.standing.failures))
        .each(|turn| count(turn.standing.message_count))
        .each(|turn| count(turn.standing.last_seq))
        .each(|turn| Time(turn.standing.last_timestamp))
        .each(|turn| Time(turn.standing.rate_mark))
        .each(|turn| turn.body.as_ref().map(|body| body.artefact.as_str()))
        .each(|turn| turn.body.as_ref().map(|body| body.suspension.as_slice()))
        .each(|turn| turn.body.as_ref().map(|body| body.variables.as_str()))
        .each(|turn| turn.body.as_ref().map(|body| body.context.as_str()))
        .each(|turn| turn.guess.as_ref().map(|guess| guess.token_hash.as_slice()))
        .each(|turn| turn.guess.map(|guess| Time(guess.last_activity)))
}

impl<'g, R> Columns<'g, R> {
    /// The next column.
    fn each<T>(self, column: impl Fn(&'g R) -> T) -> Self
    where
        T: Encode<'g, Postgres> + Type<Postgres> + PgHasArrayType,
    {
        let values: Vec<T> = self.rows.iter().map(column).collect();
        Columns {
            query: self.query.bind(values),
            ..self
        }
    }

    /// The next column, if all its values can be written.
    fn try_each<T>(
        self,
        column: impl Fn(&'g R) -> Result<T, StoreError>,
    ) -> Result<Self, StoreError>
    where
        T: Encode<'g, Postgres> + Type<Postgres> + PgHasArrayType,
    {
        let values: Vec<T> = self.rows.iter().map(column).collect::<Result<_, _>>()?;
        Ok(Columns {
            query: self.query.bind(values),
            ..self
        })
    }
}
