// Package quantify puts risk in money, and, where nobody has figures yet, in
// levels. All of it is pure: inputs in, figures out, the same figures for the
// same seed on any number of CPUs.
//
// The quantitative method follows the formulas of the product's glossary:
//
//	SLE  = AV × EF            single loss expectancy
//	ALE  = EAE × SLE          annual loss expectancy
//	RoSI = ALE₁ − ALE₂ − ACS  return on security investment
//
// Every input may be a Range. ClosedForm gives the exact mean, Simulate the whole
// distribution of a year's loss, Compare the worth of safeguards, and Explain the
// tree of inputs behind a figure. Matrix and SemiQuantitative are the two methods
// without money, Appetite says where a figure falls.
package quantify
