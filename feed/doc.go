// Package feed keeps outside knowledge of vulnerabilities locally: advisories in
// the OSV form (and the Debian tracker and Alpine secdb, which are turned into
// it), CISA's catalogue of known exploited vulnerabilities (KEV) and FIRST's
// exploit predictions (EPSS). It fetches, verifies, indexes and looks up.
//
// It holds version ranges as they were published and never compares versions:
// that is the work of engine/vulnmatch.
package feed
