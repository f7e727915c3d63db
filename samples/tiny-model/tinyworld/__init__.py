"""The small world that Hearth's tiny model knows: words, stories, talk, sums, facts and tools, all from one seed."""
