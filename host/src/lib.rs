//! The server and the command line.

pub mod answer;
pub mod hostcalls;
pub mod sandbox;
pub mod suspension;
pub mod value;
