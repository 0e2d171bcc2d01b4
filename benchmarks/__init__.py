"""The benchmarks: `make bench`. Figures are medians of several runs; targets are in docs/benchmarks.md."""
