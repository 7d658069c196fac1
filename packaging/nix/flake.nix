{
  description = "git pm: the project manager that lives in your repository";
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ];
      source = ../..;
      each = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
    in {
      packages = each (pkgs: {
        default = pkgs.rustPlatform.buildRustPackage {
          pname = "git-pm";
          version = (builtins.fromTOML (builtins.readFile "${source}/Cargo.toml")).workspace.package.version;
          src = source;
          cargoLock.lockFile = "${source}/Cargo.lock";
          cargoBuildFlags = [ "--profile" "dist" ];
          nativeBuildInputs = [ pkgs.installShellFiles ];
          # The tests need git repositories, hooks and several minutes: the gate runs them.
          doCheck = false;
          postInstall = ''
            installManPage man/*
            installShellCompletion --cmd git-pm \
              --bash <($out/bin/git-pm completions bash) \
              --zsh <($out/bin/git-pm completions zsh) \
              --fish <($out/bin/git-pm completions fish)
          '';
          meta.mainProgram = "git-pm";
        };
      });
    };
}
