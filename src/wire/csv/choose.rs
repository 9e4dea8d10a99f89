//! Which mapping a file is read by: the one whose columns the header has. Where none or several
//! fit, nobody chooses in the dark; the message says what is nearest and what it lacks.
//! Start at [`Mappings`].

use std::cmp::Reverse;
use std::io::Read;

use include_dir::{Dir, include_dir};

use super::mapping::Mapping;
use super::problem::{CannotOpen, MappingProblem};
use super::rows::{Rows, begin, header};

static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/config/mappings");

/// The mappings to choose from.
#[derive(Debug, Default)]
pub struct Mappings {
    mappings: Vec<Mapping>,
}

impl Mappings {
    /// The mappings that come with the program.
    pub fn shipped() -> Mappings {
        let texts = SHIPPED.files().filter_map(|file| {
            let name = file.path().to_str()?;
            file.contents_utf8()
                .filter(|_| name.ends_with(".toml"))
                .map(|text| (name, text))
        });
        Mappings::read(texts).expect("a test reads every mapping that is shipped")
    }

    /// Reads mapping files, each by its name and text; the problems of all of them at once.
    pub fn read<'t>(
        texts: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) -> Result<Mappings, Vec<MappingProblem>> {
        let (mut mappings, mut problems) = (Vec::new(), Vec::new());
        for (name, text) in texts {
            match Mapping::read(name, text) {
                Ok(mapping) => mappings.push(mapping),
                Err(mut found) => problems.append(&mut found),
            }
        }
        mappings.sort_by(|left, right| left.file().cmp(right.file()));
        if problems.is_empty() {
            Ok(Mappings { mappings })
        } else {
            Err(problems)
        }
    }

    /// The mappings, by the names of their files.
    pub fn iter(&self) -> impl Iterator<Item = &Mapping> {
        self.mappings.iter()
    }

    /// The mapping whose file has this name.
    pub fn named(&self, file: &str) -> Option<&Mapping> {
        self.mappings.iter().find(|mapping| mapping.file() == file)
    }

    /// The mapping that expects these columns: all of its columns are there. Where several fit, the
    /// one that expects every column of the file, if it is the only one that does.
    pub fn for_header(&self, header: &[String]) -> Result<&Mapping, CannotOpen> {
        choose(
            self.mappings.iter().map(|mapping| (mapping, header)),
            || self.nearest(header),
        )
    }

    /// Opens a file by the mapping that its header fits.
    pub fn open<R: Read>(&self, stream: R) -> Result<Rows<'_, R>, CannotOpen> {
        let (mut splitter, marked) = begin(stream)?;
        let mut headers = Vec::new();
        let mut unreadable = None;
        for mapping in &self.mappings {
            let (row, _) = splitter.peek_row(mapping.marks)?.ok_or(CannotOpen::Empty)?;
            let encoding = if marked {
                encoding_rs::UTF_8
            } else {
                mapping.encoding
            };
            match header(&row, encoding) {
                Ok(header) => headers.push((mapping, header)),
                Err(error) => unreadable = Some(error),
            }
        }
        if let (true, Some(error)) = (headers.is_empty(), unreadable) {
            return Err(error);
        }
        let read = headers
            .iter()
            .map(|(mapping, header)| (*mapping, header.as_slice()));
        let mapping = choose(read, || {
            // The reading that found the most columns had the right delimiter.
            let longest = headers.iter().max_by_key(|(_, header)| header.len());
            longest.and_then(|(_, header)| self.nearest(header))
        })?;
        Rows::after_mark(mapping, splitter, marked)
    }

    fn nearest(&self, header: &[String]) -> Option<(String, Vec<(String, usize)>)> {
        let lacking = self
            .mappings
            .iter()
            .map(|mapping| (mapping, mapping.missing_from(header)))
            // A mapping that shares no column is not near.
            .filter(|(mapping, missing)| missing.len() < mapping.columns().count());
        // A short mapping lacks little and may yet be of another file: what is shared goes first.
        let nearest = lacking.min_by_key(|(mapping, missing)| {
            let shared = mapping.columns().count() - missing.len();
            (Reverse(shared), missing.len())
        });
        nearest.map(|(mapping, missing)| (mapping.file().to_owned(), missing))
    }
}

fn choose<'m, 'h>(
    read: impl Iterator<Item = (&'m Mapping, &'h [String])>,
    nearest: impl FnOnce() -> Option<(String, Vec<(String, usize)>)>,
) -> Result<&'m Mapping, CannotOpen> {
    let fitting: Vec<_> = read
        .filter(|(mapping, header)| mapping.missing_from(header).is_empty())
        .collect();
    let whole =
        |(mapping, header): &&(&Mapping, &[String])| mapping.columns().count() == header.len();
    let mut exact = fitting.iter().filter(whole);
    match (fitting.as_slice(), exact.next(), exact.next()) {
        ([], ..) => Err(CannotOpen::NoMapping { nearest: nearest() }),
        ([(only, _)], ..) | (_, Some((only, _)), None) => Ok(only),
        (several, ..) => {
            let names = several.iter().map(|(mapping, _)| mapping.file().to_owned());
            Err(CannotOpen::SeveralMappings(names.collect()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_mapping_reads_without_a_problem() {
        assert!(Mappings::shipped().iter().count() >= 2);
    }

    #[test]
    fn the_mapping_whose_columns_are_there_is_chosen() {
        let mappings = mappings(&[("a.toml", "\"Id\", \"At\""), ("b.toml", "\"Id\", \"When\"")]);
        let chosen = mappings
            .for_header(&words("When,Id,More"))
            .map(Mapping::file);
        assert_eq!(chosen.ok(), Some("b.toml"));
    }

    #[test]
    fn where_none_fits_the_nearest_is_named_with_what_it_lacks() {
        let mappings = mappings(&[
            ("a.toml", "\"Id\", \"At\", \"By\""),
            ("b.toml", "\"Key\", \"When\", \"Who\""),
        ]);
        let error = mappings.for_header(&words("Id,at,By")).map(|_| ());
        let message = error.map_err(|error| error.to_string());
        let start =
            "no mapping fits this header: nearest is a.toml, but the file lacks \"At\" (a.toml:6);";
        assert!(
            message.as_ref().is_err_and(|text| text.starts_with(start)),
            "{message:?}"
        );
    }

    #[test]
    fn a_short_mapping_that_shares_less_is_not_the_nearest() {
        let mappings = mappings(&[
            ("long.toml", "\"Id\", \"At\", \"By\", \"Class\", \"Unit\""),
            ("short.toml", "\"Id\", \"When\""),
        ]);
        let error = mappings.for_header(&words("Id,At")).map(|_| ());
        let message = error.map_err(|error| error.to_string());
        let start = "no mapping fits this header: nearest is long.toml";
        assert!(
            message.as_ref().is_err_and(|text| text.starts_with(start)),
            "{message:?}"
        );
    }

    #[test]
    fn where_two_fit_nobody_chooses_unless_one_expects_every_column() {
        let pair = [
            ("a.toml", "\"Id\", \"At\""),
            ("b.toml", "\"Id\", \"At\", \"By\""),
        ];
        let mappings = mappings(&pair);
        let chosen = |header| mappings.for_header(&words(header)).map(Mapping::file);
        assert_eq!(chosen("Id,At,By").ok(), Some("b.toml"));
        let both = chosen("Id,At,By,More").map_err(|error| error.to_string());
        let message =
            "2 mappings fit this header: a.toml, b.toml; name the one to use with --mapping";
        assert_eq!(both, Err(message.to_owned()));
    }

    #[test]
    fn a_file_is_opened_by_the_delimiter_of_the_mapping_that_fits() {
        let tabs = mapping("\"Id\", \"At\"").replace("[file]", "[file]\ndelimiter = \"\\t\"");
        let mappings = Mappings::read([("tabs.toml", tabs.as_str())]).expect("it is sound");
        let rows = mappings
            .open("Id\tAt\n".as_bytes())
            .map(|rows| rows.header().to_vec());
        assert_eq!(rows.ok(), Some(words("Id,At")));
    }

    fn mappings(files: &[(&str, &str)]) -> Mappings {
        let texts: Vec<String> = files.iter().map(|(_, columns)| mapping(columns)).collect();
        let named = files
            .iter()
            .zip(&texts)
            .map(|((name, _), text)| (*name, text.as_str()));
        Mappings::read(named).expect("the mappings of this test are sound")
    }

    /// The columns are on line 6; the first is the reference, the second the moment.
    fn mapping(columns: &str) -> String {
        let names: Vec<&str> = columns
            .split(", ")
            .map(|name| name.trim_matches('"'))
            .collect();
        format!(
            "title = \"t\"\nrecord = \"crime\"\nforce = \"f\"\nsource = \"s\"\n[file]\n\
             columns = [{columns}]\n[head]\nreference = \"{{{}}}\"\n\
             committed_at = {{ column = \"{}\", format = \"rfc3339\" }}\n\
             [fields]\n\"core.kind\" = \"crime\"\n",
            names[0], names[1]
        )
    }

    fn words(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }
}
