//! Which databases the real program is tested on.

use test_servers::Postgres;

/// Where a server keeps its conversations.
#[derive(Clone, Copy, Debug)]
pub enum Setup {
    /// In a file of its own: what it does when nothing is configured.
    Sqlite,
    /// In a database of the PostgreSQL that the tests share.
    Postgres,
}

impl Setup {
    /// A folder for a server: it will find its settings in `data`, where it is started.
    pub fn folder(self) -> anyhow::Result<tempfile::TempDir> {
        let folder = tempfile::tempdir()?;
        let data = folder.path().join("data");
        std::fs::create_dir(&data)?;
        if let Setup::Postgres = self {
            let url = Postgres::shared().database()?;
            std::fs::write(data.join("hearsay.toml"), format!("database = {url:?}\n"))?;
        }
        Ok(folder)
    }
}

/// Makes each of these functions from a [`Setup`] a test on every setup.
#[macro_export]
macro_rules! on_each_setup {
    ($($test:ident)*) => {
        $crate::on_each_setup! { @on sqlite Sqlite $($test)* }
        $crate::on_each_setup! { @on postgres Postgres $($test)* }
    };
    (@on $name:ident $setup:ident $($test:ident)*) => {
        mod $name {
            use $crate::setup::Setup;
            $(
                #[tokio::test]
                async fn $test() -> anyhow::Result<()> {
                    super::$test(Setup::$setup).await
                }
            )*
        }
    };
}
