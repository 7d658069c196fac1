import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/**", "public/vendor/**", "src/api/types.gen.ts"] },
  ...tseslint.configs.recommended,
  {
    rules: {
      eqeqeq: "error",
      "no-console": "error",
      "no-debugger": "error",
      "no-empty": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
    },
  },
);
