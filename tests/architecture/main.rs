//! Holds the structure of the source, by reading it as text: what each folder imports, that no two
//! files import each other in a circle, and that no file has two subjects by its length.

mod circles;
mod directions;
mod lengths;
mod source;
