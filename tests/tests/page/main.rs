//! The pages in a real browser. To start one takes a second, so a test is a whole walk.

mod bots;
mod browser;
mod embedding;
mod hostile;
mod long;
mod looks;
mod samples;
mod sending;
mod talking;
mod weight;
