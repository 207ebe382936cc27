// Package feed keeps outside knowledge of vulnerabilities locally: advisories in
// the OSV form (and the Debian tracker and Alpine secdb, which are turned into
// it), CISA's catalogue of known exploited vulnerabilities (KEV) and FIRST's
// exploit predictions (EPSS). It fetches, verifies, indexes and looks up.
//
// Open serves a data folder: <dir>/feed/sources holds the files as they were
// fetched, <dir>/feed/index what was made of them. Without a network the files are
// put into sources by hand; the next Open notices. Load reads a directory or an
// archive into memory instead. Fetch brings sources, see Sources.
//
// It holds version ranges as they were published and never compares versions:
// that is the work of engine/vulnmatch.
package feed
