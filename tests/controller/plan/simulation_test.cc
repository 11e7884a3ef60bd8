// Three control planes and two workers in every order and with every accident that the seed thinks of:
// never two inits, never two control planes at once, never an etcd without a quorum by our doing, and at the end
// everything is Provisioned.
#include "tests/controller/plan/simulation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

namespace firesteel::plan {
namespace {

using api::Role;

// For each scenario; FIRESTEEL_SIMULATION_SEEDS asks for more than a quick run.
unsigned Seeds() {
  const char* text = std::getenv("FIRESTEEL_SIMULATION_SEEDS");
  return text == nullptr ? 10 : static_cast<unsigned>(std::atoi(text));
}

const std::vector<std::string> kHosts = {"node1", "node2", "node3", "node4", "node5"};

Role RoleOf(const std::string& name) { return name < "node4" ? Role::kControlPlane : Role::kWorker; }

Simulation ASite(unsigned seed) {
  Simulation site(seed);
  for (const std::string& name : kHosts) site.AddHost(name, RoleOf(name));
  return site;
}

Simulation AProvisionedSite(unsigned seed) {
  Simulation site = ASite(seed);
  for (const std::string& name : kHosts) site.PowerOn(name);
  site.Settle();
  EXPECT_TRUE(site.AllProvisioned()) << site.Describe();
  return site;
}

void ExpectWhole(Simulation& site, unsigned seed) {
  site.Settle();
  EXPECT_TRUE(site.AllProvisioned()) << "seed " << seed << "\n" << site.Describe();
  EXPECT_EQ(site.members(), 3u) << "seed " << seed << "\n" << site.Describe();
}

TEST(Simulation, EveryOrderOfSwitchingOnEndsProvisioned) {
  std::vector<std::string> order = kHosts;
  unsigned seed = 0;
  do {
    Simulation site = ASite(++seed);
    for (const std::string& name : order) {
      site.PowerOn(name);
      for (size_t i = site.Random(100); i > 0; --i) site.Step();
    }
    ExpectWhole(site, seed);
    EXPECT_EQ(site.inits(), 1);
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Simulation, TheControllerMayBeRestartedBetweenAnyTwoSteps) {
  for (unsigned seed = 1; seed <= Seeds(); ++seed) {
    Simulation site = ASite(seed);
    for (const std::string& name : kHosts) site.PowerOn(name);
    for (int i = 0; i < 3000; ++i) {
      site.Step();
      if (site.Random(5) == 0) site.RestartController();
    }
    ExpectWhole(site, seed);
    EXPECT_EQ(site.inits(), 1);
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

TEST(Simulation, WorkersMayLosePowerAtAnyTime) {
  for (unsigned seed = 1; seed <= Seeds(); ++seed) {
    Simulation site = ASite(seed);
    for (const std::string& name : kHosts) site.PowerOn(name);
    for (int i = 0; i < 2000; ++i) {
      site.Step();
      if (site.Random(50) == 0) site.PowerCycle(site.Random(2) == 0 ? "node4" : "node5");
    }
    ExpectWhole(site, seed);
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

TEST(Simulation, AnyControlPlaneThatRestartsFromRamRejoinsTheFirstIncluded) {
  for (unsigned seed = 1; seed <= Seeds(); ++seed) {
    Simulation site = AProvisionedSite(seed);
    for (int round = 0; round < 5; ++round) {
      site.PowerCycle(kHosts[site.Random(3)]);
      ExpectWhole(site, seed);
      ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
    }
    EXPECT_EQ(site.inits(), 1);
  }
}

TEST(Simulation, TheFirstControlPlaneMayLosePowerUntilTheClusterIsMade) {
  for (unsigned seed = 1; seed <= Seeds(); ++seed) {
    Simulation site = ASite(seed);
    for (const std::string& name : kHosts) site.PowerOn(name);
    for (int step = 0; !site.Initialized() && !site.ApiAnswers(); ++step) {
      ASSERT_LT(step, 100000) << "seed " << seed << "\n" << site.Describe();
      site.Step();
      if (site.ApiAnswers()) break;
      if (site.Random(30) == 0) site.PowerCycle(kHosts[site.Random(5)]);
    }
    ExpectWhole(site, seed);
    EXPECT_EQ(site.inits(), 1) << "seed " << seed;
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

TEST(Simulation, AFirstControlPlaneThatIsDeletedBeforeTheClusterIsMadeIsReplaced) {
  for (unsigned seed = 1; seed <= Seeds(); ++seed) {
    Simulation site = ASite(seed);
    site.PowerOn("node1");
    for (size_t i = site.Random(60); i > 0 && !site.ApiAnswers(); --i) site.Step();
    if (site.ApiAnswers()) continue;
    site.DeleteHost("node1");
    for (const std::string& name : site.Names(Role::kControlPlane)) site.PowerOn(name);
    for (int i = 0; i < 1000; ++i) site.Step();
    site.AddHost("node1", Role::kControlPlane);
    for (const std::string& name : kHosts) site.PowerOn(name);
    ExpectWhole(site, seed);
    EXPECT_EQ(site.inits(), 1) << "seed " << seed;
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

TEST(Simulation, AHostThatIsDeletedAndAppliedAgainRejoins) {
  for (unsigned seed = 1; seed <= Seeds(); ++seed) {
    Simulation site = AProvisionedSite(seed);
    const std::string name = kHosts[site.Random(5)];
    site.DeleteHost(name);
    for (size_t i = site.Random(100); i > 0; --i) site.Step();
    site.AddHost(name, RoleOf(name));
    site.PowerOn(name);
    ExpectWhole(site, seed);
    EXPECT_EQ(site.inits(), 1);
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

TEST(Simulation, WhenAllControlPlanesRestartFromRamTheClusterIsSaidToBeLost) {
  for (unsigned seed = 1; seed <= Seeds(); ++seed) {
    Simulation site = AProvisionedSite(seed);
    for (const std::string& name : site.Names(Role::kControlPlane)) site.PowerCycle(name);
    for (int i = 0; i < 3000; ++i) site.Step();
    for (const std::string& name : site.Names(Role::kControlPlane)) {
      EXPECT_EQ(site.ReasonOf(name), "ControlPlaneLost") << "seed " << seed << "\n" << site.Describe();
    }
    EXPECT_EQ(site.inits(), 1);
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

// ---- what people ask for ----

// Somebody restarts each machine that is to be installed anew, some time after it says so.
void RestartWhatWaitsForIt(Simulation& site) {
  for (const std::string& name : kHosts) {
    if (site.Exists(name) && site.WantsRestart(name) && site.Random(40) == 0) site.PowerCycle(name);
  }
}

TEST(Simulation, AllControlPlanesCanBeAskedToBeInstalledAnewAtOnce) {
  for (unsigned seed = 1; seed <= Seeds(); ++seed) {
    Simulation site = AProvisionedSite(seed);
    site.ConfirmDisruption();
    for (const std::string& name : site.Names(Role::kControlPlane)) site.WishReinstall(name, "again");
    const auto done = [&] {
      for (const std::string& name : site.Names(Role::kControlPlane)) {
        if (site.StatusOf(name).reinstall != "again" || site.WantsRestart(name)) return false;
      }
      return site.AllProvisioned();
    };
    for (int i = 0; i < 20000 && !done(); ++i) {
      site.Step();
      RestartWhatWaitsForIt(site);
      if (site.Random(200) == 0) site.RestartController();
      ASSERT_TRUE(site.ApiAnswers()) << "seed " << seed << "\n" << site.Describe();
    }
    EXPECT_TRUE(done()) << "seed " << seed << "\n" << site.Describe();
    ExpectWhole(site, seed);
    EXPECT_EQ(site.inits(), 1);
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

TEST(Simulation, ADeletedHostLeavesNothingBehind) {
  for (unsigned seed = 1; seed <= Seeds(); ++seed) {
    Simulation site = AProvisionedSite(seed);
    const std::string name = kHosts[site.Random(5)];
    site.RequestDeletion(name);
    for (int i = 0; i < 5000 && site.Exists(name); ++i) {
      site.Step();
      if (site.Random(200) == 0) site.RestartController();
    }
    ASSERT_FALSE(site.Exists(name)) << "seed " << seed << "\n" << site.Describe();
    EXPECT_EQ(site.members(), RoleOf(name) == Role::kControlPlane ? 2u : 3u) << "seed " << seed << "\n" << site.Describe();
    EXPECT_TRUE(site.ApiAnswers());
    site.AddHost(name, RoleOf(name));
    site.PowerOn(name);
    ExpectWhole(site, seed);
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

TEST(Simulation, OneIsDeletedWhileAnotherIsInstalledAnewAndEtcdLives) {
  for (unsigned seed = 1; seed <= Seeds(); ++seed) {
    Simulation site = AProvisionedSite(seed);
    site.ConfirmDisruption();
    site.WishReinstall("node1", "again");
    for (size_t i = site.Random(60); i > 0; --i) site.Step();
    site.RequestDeletion("node2");
    for (int i = 0; i < 5000; ++i) {
      site.Step();
      RestartWhatWaitsForIt(site);
      ASSERT_TRUE(site.ApiAnswers()) << "seed " << seed << "\n" << site.Describe();
    }
    EXPECT_FALSE(site.Exists("node2")) << "seed " << seed << "\n" << site.Describe();
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

TEST(Simulation, WhatTheDisruptionBudgetHoldsRunsOnAndSaysSo) {
  for (unsigned seed = 1; seed <= Seeds(); ++seed) {
    Simulation site = AProvisionedSite(seed);
    for (const std::string& name : kHosts) site.WishReinstall(name, "again");
    for (int i = 0; i < 1000; ++i) site.Step();
    for (const std::string& name : kHosts) {
      EXPECT_TRUE(site.Runs(name) && !site.WantsRestart(name)) << "seed " << seed << "\n" << site.Describe();
      EXPECT_EQ(site.StatusOf(name).held, api::Held::kReinstallation) << "seed " << seed << "\n" << site.Describe();
      EXPECT_NE(site.MessageOf(name).find("not installed anew yet"), std::string::npos) << site.MessageOf(name);
      site.WishReinstall(name, "");
    }
    ExpectWhole(site, seed);
    for (const std::string& name : kHosts) EXPECT_EQ(site.StatusOf(name).held, api::Held::kNothing);
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

// ---- what restarts, and what expires ----

TEST(Simulation, EitherBootdMayBeRestartedAtAnyTime) {
  for (unsigned seed = 1; seed <= Seeds(); ++seed) {
    Simulation site(seed);
    for (const std::string& name : kHosts) {
      site.AddHost(name, RoleOf(name), RoleOf(name) == Role::kWorker ? api::Installation::kDisk : api::Installation::kRam);
      site.PowerOn(name);
    }
    for (int i = 0; i < 3000; ++i) {
      site.Step();
      if (site.Random(20) == 0) site.RestartBootd(site.Random(2));
      if (site.Random(50) == 0) site.RestartController();
      if (site.Random(100) == 0) site.PowerCycle(site.Random(2) == 0 ? "node4" : "node5");
    }
    ExpectWhole(site, seed);
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

TEST(Simulation, APausedMachineStartsFromItsDiskWhateverRestarted) {
  for (unsigned seed = 1; seed <= Seeds(); ++seed) {
    Simulation site(seed);
    for (const std::string& name : kHosts) {
      site.AddHost(name, RoleOf(name), RoleOf(name) == Role::kWorker ? api::Installation::kDisk : api::Installation::kRam);
      site.PowerOn(name);
    }
    ExpectWhole(site, seed);
    site.Pause(true);
    for (int i = 0; i < 200; ++i) site.Step();
    if (site.Random(2) == 0) site.RestartController();
    for (int i = 0; i < 200; ++i) site.Step();
    for (const size_t bootd : {0u, 1u}) site.RestartBootd(bootd);
    for (const char* name : {"node4", "node5"}) site.PowerCycle(name);
    for (int i = 0; i < 500; ++i) site.Step();
    for (const char* name : {"node4", "node5"}) EXPECT_TRUE(site.Runs(name)) << "seed " << seed << "\n" << site.Describe();
    site.Pause(false);
    ExpectWhole(site, seed);
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

TEST(Simulation, AMachineMayBeSwitchedOffForDaysInTheMidstOfItsBoot) {
  for (unsigned seed = 1; seed <= Seeds(); ++seed) {
    Simulation site = ASite(seed);
    for (const std::string& name : kHosts) site.PowerOn(name);
    for (size_t i = site.Random(300); i > 0; --i) site.Step();
    // Whoever holds the cluster's data runs on: it is in RAM.
    for (const std::string& name : kHosts) {
      if (!site.Runs(name)) site.PowerOff(name);
    }
    site.Wait(std::chrono::hours(25 + site.Random(100)));
    for (const std::string& name : kHosts) site.PowerOn(name);
    ExpectWhole(site, seed);
    EXPECT_EQ(site.inits(), 1) << "seed " << seed;
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace firesteel::plan
