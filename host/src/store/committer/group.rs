//! What writes a group of turns on PostgreSQL. Its columns come in the order in which `group.sql` and `opening.sql` number them.

use sqlx::{
    Encode, PgConnection, Postgres, Row, Type,
    postgres::{PgArguments, PgHasArrayType},
    query::Query,
};

use crate::{
    message::Message,
    store::{Commit, Fault, Opening, StoreError, count, json_text, sql::in_time, types::Time},
};

/// Arrays of the same length, one for each column of `rows`.
struct Columns<'g, R> {
    rows: &'g [R],
    query: Statement,
}

type Statement = Query<'static, Postgres, PgArguments>;

/// Makes the sessions that these turns begin, and writes the turns but for what they do to memories. Says of each whether it was
/// written.
pub async fn write(
    group: &[Commit],
    connection: &mut PgConnection,
) -> Result<Vec<bool>, StoreError> {
    if begins(group) {
        in_time(openings(group).execute(&mut *connection)).await?;
    }
    // Read to its end: the rows come before the commit, and only what ends the answer says that it was made.
    let passed = in_time(turns(group)?.fetch_all(connection)).await?;
    let mut written = vec![false; group.len()];
    for row in passed {
        let place = usize::try_from(row.try_get::<i64, _>("n")?).ok();
        if let Some(written) = place.and_then(|place| written.get_mut(place)) {
            *written = true;
        }
    }
    Ok(written)
}

/// Whether one of them begins a conversation: then `write` is more than one statement.
pub fn begins(group: &[Commit]) -> bool {
    group.iter().any(|turn| turn.opening.is_some())
}

/// The statement that makes the sessions of those that begin one.
fn openings(group: &[Commit]) -> Statement {
    let greetings: Vec<(&Commit, &Opening)> = group
        .iter()
        .filter_map(|turn| Some((turn, turn.opening.as_ref()?)))
        .collect();
    let greetings = Columns {
        rows: &greetings,
        query: sqlx::query(include_str!("opening.sql")),
    };
    greetings
        .each(|(turn, _)| turn.session)
        .each(|(_, opening)| opening.user)
        .each(|(turn, _)| turn.bot)
        .each(|(turn, _)| Time(turn.now))
        .each(|(_, opening)| opening.token_hash.as_slice())
        .each(|(_, opening)| opening.key_hash.as_ref().map(<[u8; 32]>::as_slice))
        .each(|(turn, _)| turn.body.as_ref().map(|body| body.variables.as_str()))
        .each(|(turn, _)| turn.body.as_ref().map(|body| body.context.as_str()))
        .each(|(turn, _)| turn.body.as_ref().map(|body| body.suspension.as_slice()))
        .each(|(turn, _)| turn.body.as_ref().map(|body| body.artefact.as_str()))
        .query
}

/// The statement that commits the turns.
fn turns(group: &[Commit]) -> Result<Statement, StoreError> {
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
