//! The command `hearsay`.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use hearsay::{
    app::App,
    clock::Clock,
    config::{Config, LogFormat, Options},
};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

/// A turn allocates and frees thousands of small blocks, often on two threads; the system's allocator takes longer for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Hosts conversations with bots that are written in BASIC.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(flatten)]
    serve: Options,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve bots over HTTP (what `hearsay` alone does)
    Serve(Options),
    #[command(flatten)]
    Offline(hearsay::cli::Command),
}

fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(options) => {
            let config = Config::load(&options)?;
            log(config.log_format);
            serve(config).map(|()| ExitCode::SUCCESS)
        }
        Command::Offline(command) => {
            log(LogFormat::Text);
            Ok(command.run(Clock::System))
        }
    }
}

#[tokio::main]
async fn serve(config: Config) -> anyhow::Result<()> {
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    let app = App::start(config, Clock::System).await?;
    writeln!(std::io::stdout(), "listening on http://{}", app.address())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    app.stop().await;
    Ok(())
}

/// The log goes to stderr; RUST_LOG says how much of it: a level, or levels of modules, as `warn,hearsay::bot=info`.
fn log(format: LogFormat) {
    let asked = std::env::var("RUST_LOG").unwrap_or_default();
    let usual = Targets::new().with_default(LevelFilter::INFO);
    let (levels, unreadable) = match asked.trim() {
        "" => (usual, None),
        asked => asked
            .parse::<Targets>()
            .map_or_else(|error| (usual, Some(error)), |levels| (levels, None)),
    };
    let registry = tracing_subscriber::registry().with(levels);
    let lines = fmt::layer().with_writer(std::io::stderr);
    match format {
        LogFormat::Text => registry
            .with(lines.with_ansi(std::io::stderr().is_terminal()))
            .init(),
        // The spans from the outermost in; the last one need not be told twice.
        LogFormat::Json => registry
            .with(lines.json().flatten_event(true).with_current_span(false))
            .init(),
    }
    if let Some(error) = unreadable {
        tracing::warn!(%error, "RUST_LOG cannot be read; the level is info");
    }
}
