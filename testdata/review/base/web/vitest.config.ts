import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    coverage: {
      provider: "v8",
      include: ["src/**"],
      exclude: ["src/api/types.gen.ts"],
      thresholds: { lines: 85, branches: 80 },
    },
  },
});
