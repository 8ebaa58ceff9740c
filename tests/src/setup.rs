//! Which databases and caches the real program is tested on.

use test_servers::{Postgres, Valkey};

/// Where a server keeps its conversations.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// Its database.
    pub database: Database,
    /// Its cache.
    pub cache: Cache,
}

/// What a server writes conversations to.
#[derive(Clone, Copy, Debug)]
pub enum Database {
    /// A file of its own: what it does when nothing is configured.
    Sqlite,
    /// A database of the PostgreSQL that the tests share.
    Postgres,
}

/// What remembers conversations between two messages.
#[derive(Clone, Copy, Debug)]
pub enum Cache {
    /// The server itself: what it does when nothing is configured.
    Memory,
    /// The Valkey that the tests share.
    Valkey,
}

impl Setup {
    /// A folder for a server: it will find its settings in `data`, where it is started.
    pub fn folder(self) -> anyhow::Result<tempfile::TempDir> {
        let [folder] = self.folders()?;
        Ok(folder)
    }

    /// Folders for servers that share a database and a cache.
    pub fn folders<const N: usize>(self) -> anyhow::Result<[tempfile::TempDir; N]> {
        let mut settings = String::new();
        if let Database::Postgres = self.database {
            settings += &format!("database = {:?}\n", Postgres::shared().database()?);
        }
        if let Cache::Valkey = self.cache {
            settings += &format!("cache = {:?}\n", Valkey::shared().url());
        }
        let mut folders = Vec::new();
        for _ in 0..N {
            let folder = tempfile::tempdir()?;
            let data = folder.path().join("data");
            std::fs::create_dir(&data)?;
            std::fs::write(data.join("hearsay.toml"), &settings)?;
            folders.push(folder);
        }
        folders
            .try_into()
            .map_err(|_| anyhow::anyhow!("as many as were asked for"))
    }
}

/// Makes each of these functions from a [`Setup`] a test on every setup; `of several servers:` on those that several
/// servers can share.
#[macro_export]
macro_rules! on_each_setup {
    (of several servers: $($test:ident)*) => {
        $crate::on_each_setup! { @on postgres Postgres Memory $($test)* }
        $crate::on_each_setup! { @on postgres_and_valkey Postgres Valkey $($test)* }
    };
    ($($test:ident)*) => {
        $crate::on_each_setup! { @on sqlite Sqlite Memory $($test)* }
        $crate::on_each_setup! { @on postgres Postgres Memory $($test)* }
        $crate::on_each_setup! { @on sqlite_and_valkey Sqlite Valkey $($test)* }
        $crate::on_each_setup! { @on postgres_and_valkey Postgres Valkey $($test)* }
    };
    (@on $name:ident $database:ident $cache:ident $($test:ident)*) => {
        mod $name {
            use $crate::setup::{Cache, Database, Setup};
            const SETUP: Setup = Setup {
                database: Database::$database,
                cache: Cache::$cache,
            };
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() -> anyhow::Result<()> {
                    super::$test(SETUP).await
                }
            )*
        }
    };
}
