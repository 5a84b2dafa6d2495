"""All recipes by name."""

from __future__ import annotations

from remaster_gui.training.comparison_recipes import COMPARISON_RECIPES
from remaster_gui.training.recipes import COMPACT_RECIPE, PAPER_RECIPE, PRIOR_RECIPE, Recipe

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe for recipe in (COMPACT_RECIPE, PAPER_RECIPE, PRIOR_RECIPE, *COMPARISON_RECIPES)
}
